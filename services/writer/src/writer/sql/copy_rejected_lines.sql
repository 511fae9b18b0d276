-- Every rejected line, always: what a correction claims.
COPY sluice.rejected_lines (job_id, sheet_line, chunk_no) FROM STDIN
