-- The next open lines in sheet order.
SELECT sheet_line FROM sluice.rejected_lines
 WHERE job_id = %(job_id)s AND healed_by IS NULL AND sheet_line > %(after)s
 ORDER BY sheet_line LIMIT %(limit)s
