-- Rows of the batch that an upsert changed: the line under which their old version is kept. A row
-- that a later line took over from another line of the job has it under that one.
UPDATE undo_batch AS b
   SET replaced_line = p.sheet_line
  FROM {table} AS t, sluice.replaced_rows AS p
 WHERE t.ctid = ANY (ARRAY(SELECT row_tid FROM undo_batch)) AND t.sluice_job = %(job_id)s
   AND b.row_tid = t.ctid AND b.row_table = t.tableoid AND b.sheet_line = t.sluice_line
   AND p.job_id = %(job_id)s
   AND p.sheet_line IN (b.sheet_line, t.sluice_replaced)
   AND (p.sheet_line = b.sheet_line
        OR NOT EXISTS (SELECT
                         FROM sluice.replaced_rows AS q
                        WHERE q.job_id = %(job_id)s AND q.sheet_line = b.sheet_line))
