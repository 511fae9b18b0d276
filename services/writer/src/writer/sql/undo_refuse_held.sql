-- Rows of the batch that a row which stays refers to: they are refused, and named.
WITH held AS (
    SELECT b.sheet_line, b.row_table, b.row_tid, {row_key} AS row_key
      FROM {table} AS t
      JOIN undo_batch AS b
        ON b.row_tid = t.ctid AND b.row_table = t.tableoid AND b.sheet_line = t.sluice_line
     WHERE t.ctid = ANY (ARRAY(SELECT row_tid FROM undo_batch)) AND t.sluice_job = %(job_id)s
       AND b.replaced_line IS NULL
       AND EXISTS (SELECT FROM {other} AS o WHERE {refers} AND {stays})
), gone AS (
    DELETE FROM undo_batch AS b
     USING held AS h
     WHERE b.row_tid = h.row_tid AND b.row_table = h.row_table
)
UPDATE sluice.undo_rows AS u
   SET outcome = 'refused', reason = %(reason)s, row_key = h.row_key
  FROM held AS h
 WHERE u.job_id = %(job_id)s AND u.sheet_line = h.sheet_line
   AND u.row_table = h.row_table AND u.row_tid = h.row_tid
