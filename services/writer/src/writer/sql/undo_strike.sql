-- Rows that were deleted since, or are found at another place: this one is off the list.
DELETE FROM sluice.undo_rows
 WHERE job_id = %(job_id)s AND sheet_line = %(sheet_line)s
   AND row_table = %(row_table)s AND row_tid = %(row_tid)s::tid
