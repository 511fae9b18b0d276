-- What is kept of some neighbouring lines. Not joined with them: right behind an import there are no
-- statistics, and a nested loop over a hundred thousand rows would not end.
SELECT sheet_line, cells, message FROM sluice.rejected_rows
 WHERE job_id = %(job_id)s AND sheet_line BETWEEN %(first)s AND %(last)s
 ORDER BY sheet_line, error_no
