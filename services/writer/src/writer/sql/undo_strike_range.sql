-- All waiting rows of these lines are off the list.
DELETE FROM sluice.undo_rows
 WHERE job_id = %(job_id)s AND outcome IS NULL
   AND sheet_line >= %(low)s AND sheet_line < %(below)s
