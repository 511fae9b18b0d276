-- Rows of the batch whose old version another import wrote that is itself undone: what was taken back
-- would come back.
WITH revived AS (
    DELETE FROM undo_batch AS b
     USING {table} AS t, sluice.replaced_rows AS p, sluice.undos AS n
     WHERE t.ctid = ANY (ARRAY(SELECT row_tid FROM undo_batch)) AND t.sluice_job = %(job_id)s
       AND b.row_tid = t.ctid AND b.row_table = t.tableoid AND b.sheet_line = t.sluice_line
       AND p.job_id = %(job_id)s AND p.sheet_line = b.replaced_line
       AND n.job_id <> %(job_id)s AND n.job_id::text = p.row->>'sluice_job'
    RETURNING b.sheet_line, b.row_table, b.row_tid, {row_key} AS row_key
)
UPDATE sluice.undo_rows AS u
   SET outcome = 'refused', reason = %(reason)s, row_key = r.row_key
  FROM revived AS r
 WHERE u.job_id = %(job_id)s AND u.sheet_line = r.sheet_line
   AND u.row_table = r.row_table AND u.row_tid = r.row_tid
