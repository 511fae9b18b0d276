SELECT sheet_line, column_letter, code, message
  FROM sluice.rejected_rows
 WHERE job_id = %(job)s
 ORDER BY sheet_line, error_no
 LIMIT 10
