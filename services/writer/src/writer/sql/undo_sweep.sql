-- Deletes the waiting rows of these lines that are still as the job wrote them, where nothing can
-- refer to them and nothing is to be restored: a third of the work of a batch that is sorted first.
DELETE FROM {table} AS t
 WHERE t.ctid = ANY (ARRAY(SELECT row_tid
                             FROM sluice.undo_rows
                            WHERE job_id = %(job_id)s AND outcome IS NULL
                              AND sheet_line >= %(low)s AND sheet_line < %(below)s))
   AND t.sluice_job = %(job_id)s
   AND t.sluice_line >= %(low)s AND t.sluice_line < %(below)s
   AND {ours}
