-- Rows of the batch that the database refuses to let go, with what it says.
WITH refused AS (
    DELETE FROM undo_batch
     WHERE sheet_line BETWEEN %(first)s AND %(last)s
    RETURNING sheet_line, row_table, row_tid
)
UPDATE sluice.undo_rows AS u
   SET outcome = 'refused', reason = %(reason)s,
       row_key = (SELECT {row_key}
                    FROM {table} AS t
                   WHERE t.ctid = u.row_tid AND t.tableoid = u.row_table)
  FROM refused AS r
 WHERE u.job_id = %(job_id)s AND u.sheet_line = r.sheet_line
   AND u.row_table = r.row_table AND u.row_tid = r.row_tid
