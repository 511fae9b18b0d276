-- Which of these lines of the root are still rejected; whoever heals one of them waits for us. By
-- rising line, so that two corrections do not wait in a circle.
SELECT sheet_line, chunk_no
  FROM sluice.rejected_lines
 WHERE job_id = %(root_id)s AND sheet_line = ANY(%(lines)s) AND healed_by IS NULL
 ORDER BY sheet_line
   FOR UPDATE
