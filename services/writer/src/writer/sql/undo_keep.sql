-- A row that stays, with the reason.
UPDATE sluice.undo_rows
   SET outcome = %(outcome)s, reason = %(reason)s, row_key = %(row_key)s
 WHERE job_id = %(job_id)s AND sheet_line = %(sheet_line)s
   AND row_table = %(row_table)s AND row_tid = %(row_tid)s::tid
