-- What was neither reversed nor refused: changed, moved or deleted since it was collected.
SELECT sheet_line, row_table, row_tid::text FROM undo_batch
