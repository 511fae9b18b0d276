-- Rows of the batch that are at their place as the job wrote them, although they were to go.
WITH unmoved AS (
    DELETE FROM undo_batch AS b
     USING {table} AS t
     WHERE t.ctid = ANY (ARRAY(SELECT row_tid FROM undo_batch)) AND t.sluice_job = %(job_id)s
       AND {ours}
       AND b.row_tid = t.ctid AND b.row_table = t.tableoid AND b.sheet_line = t.sluice_line
    RETURNING b.sheet_line, b.row_table, b.row_tid, {row_key} AS row_key
)
UPDATE sluice.undo_rows AS u
   SET outcome = 'refused', reason = %(reason)s, row_key = m.row_key
  FROM unmoved AS m
 WHERE u.job_id = %(job_id)s AND u.sheet_line = m.sheet_line
   AND u.row_table = m.row_table AND u.row_tid = m.row_tid
