-- Every error with its value, up to the job's cap.
COPY sluice.rejected_rows
     (job_id, sheet_line, error_no, chunk_no, column_letter, field, code, message, value,
      other_line, cells, root_line)
FROM STDIN
