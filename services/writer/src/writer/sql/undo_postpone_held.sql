-- Rows of the batch that another row of the job refers to, whose turn comes later: theirs as well.
DELETE FROM undo_batch AS b
 USING {table} AS t
 WHERE t.ctid = ANY (ARRAY(SELECT row_tid FROM undo_batch)) AND t.sluice_job = %(job_id)s
   AND b.row_tid = t.ctid AND b.row_table = t.tableoid AND b.sheet_line = t.sluice_line
   AND b.replaced_line IS NULL
   AND EXISTS (SELECT
                 FROM {other} AS o
                WHERE {refers}
                  AND NOT EXISTS (SELECT
                                    FROM undo_batch AS i
                                   WHERE i.row_tid = o.ctid AND i.row_table = o.tableoid))
