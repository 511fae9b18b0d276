-- Takes the lines of a batch that still wait.
INSERT INTO undo_batch (row_tid, row_table, sheet_line)
SELECT row_tid, row_table, sheet_line
  FROM sluice.undo_rows
 WHERE job_id = %(job_id)s AND outcome IS NULL
   AND sheet_line >= %(low)s AND sheet_line < %(below)s
