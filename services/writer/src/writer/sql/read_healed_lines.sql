-- Which of these lines of the root are written by now, and by which correction.
SELECT sheet_line, healed_by
  FROM sluice.rejected_lines
 WHERE job_id = %(root_id)s AND sheet_line = ANY(%(lines)s) AND healed_by IS NOT NULL
