-- What was stored of lines that are healed, or have other errors now.
DELETE FROM sluice.rejected_rows
 WHERE job_id = %(root_id)s AND sheet_line = ANY(%(lines)s)
RETURNING sheet_line
