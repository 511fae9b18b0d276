-- Rows that wait for one another and for nothing else.
UPDATE sluice.undo_rows AS u
   SET outcome = 'refused', reason = %(reason)s,
       row_key = (SELECT {row_key}
                    FROM {table} AS t
                   WHERE t.ctid = u.row_tid AND t.tableoid = u.row_table)
 WHERE u.job_id = %(job_id)s AND u.outcome IS NULL
