-- Open lines whose cells are not kept: they are read again from the file. A difference of sets,
-- because an anti-join of two fresh tables, without statistics, may compare each line with each.
SELECT sheet_line FROM sluice.rejected_lines
 WHERE job_id = %(job_id)s AND healed_by IS NULL
EXCEPT
SELECT sheet_line FROM sluice.rejected_rows
 WHERE job_id = %(job_id)s AND error_no = 0 AND cells IS NOT NULL
 ORDER BY sheet_line
