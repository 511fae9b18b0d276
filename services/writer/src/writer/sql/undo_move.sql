-- A row that is as the job wrote it, at another place than before (VACUUM FULL, CLUSTER): it waits.
INSERT INTO sluice.undo_rows (job_id, sheet_line, row_table, row_tid)
VALUES (%(job_id)s, %(sheet_line)s, %(row_table)s, %(row_tid)s::tid)
    ON CONFLICT DO NOTHING
