-- The lines of the batch that are not done.
SELECT coalesce(array_agg(DISTINCT sheet_line ORDER BY sheet_line), '{}')
  FROM undo_batch
 WHERE sheet_line BETWEEN %(first)s AND %(last)s
