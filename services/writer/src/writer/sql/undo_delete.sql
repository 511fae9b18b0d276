-- Deletes rows of the batch that are still as the job wrote them, and strikes them off the list.
-- By place: every plan of it is a TID scan, whatever the statistics say.
WITH gone AS (
    DELETE FROM {table} AS t
     USING undo_batch AS b
     WHERE t.ctid = ANY (ARRAY(SELECT row_tid
                                 FROM undo_batch
                                WHERE replaced_line IS NULL
                                  AND sheet_line BETWEEN %(first)s AND %(last)s))
       AND t.sluice_job = %(job_id)s AND {ours}
       AND b.row_tid = t.ctid AND b.row_table = t.tableoid AND b.sheet_line = t.sluice_line
    RETURNING b.sheet_line, b.row_table, b.row_tid
), done AS (
    DELETE FROM undo_batch AS b
     USING gone AS g
     WHERE b.row_tid = g.row_tid AND b.row_table = g.row_table
)
DELETE FROM sluice.undo_rows AS u
 USING gone AS g
 WHERE u.job_id = %(job_id)s AND u.sheet_line = g.sheet_line
   AND u.row_table = g.row_table AND u.row_tid = g.row_tid
