-- Rows of the batch that a trigger changed instead of letting them go: PostgreSQL follows a row from its
-- place to where the update put it (currtid2), so that no scan is needed.
WITH latest AS MATERIALIZED (
    SELECT sheet_line, row_table, row_tid, currtid2(row_table::regclass::text, row_tid) AS now_tid
      FROM undo_batch
), hidden AS MATERIALIZED (
    SELECT l.sheet_line, l.row_table, l.row_tid, {row_key} AS row_key
      FROM latest AS l, {table} AS t
     WHERE t.ctid = ANY (ARRAY(SELECT now_tid FROM latest)) AND t.sluice_job = %(job_id)s
       AND l.now_tid = t.ctid AND l.row_table = t.tableoid AND l.sheet_line = t.sluice_line
       AND {written_now}
), done AS (
    DELETE FROM undo_batch AS b
     USING hidden AS h
     WHERE b.row_tid = h.row_tid AND b.row_table = h.row_table
)
UPDATE sluice.undo_rows AS u
   SET outcome = 'refused', reason = %(reason)s, row_key = h.row_key
  FROM hidden AS h
 WHERE u.job_id = %(job_id)s AND u.sheet_line = h.sheet_line
   AND u.row_table = h.row_table AND u.row_tid = h.row_tid
