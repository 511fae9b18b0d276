-- Rows of the batch that were there before the job, and of whose old version nothing is kept.
WITH lost AS (
    DELETE FROM undo_batch AS b
     USING {table} AS t
     WHERE t.ctid = ANY (ARRAY(SELECT row_tid FROM undo_batch)) AND t.sluice_job = %(job_id)s
       AND b.row_tid = t.ctid AND b.row_table = t.tableoid AND b.sheet_line = t.sluice_line
       AND b.replaced_line IS NULL AND t.sluice_replaced = 0
    RETURNING b.sheet_line, b.row_table, b.row_tid, {row_key} AS row_key
)
UPDATE sluice.undo_rows AS u
   SET outcome = 'refused', reason = %(reason)s, row_key = l.row_key
  FROM lost AS l
 WHERE u.job_id = %(job_id)s AND u.sheet_line = l.sheet_line
   AND u.row_table = l.row_table AND u.row_tid = l.row_tid
