-- Rows are not where they were collected: changed, deleted, or VACUUM FULL wrote the table anew. One scan
-- tells of all that wait where they are; those that are changed stay, those that are gone are off.
WITH seen AS MATERIALIZED (
    SELECT t.sluice_line, t.tableoid AS row_table, t.ctid AS row_tid, {ours} AS is_ours,
           {row_key} AS row_key
      FROM {table} AS t
     WHERE t.sluice_job = %(job_id)s
       AND t.sluice_line IN (SELECT sheet_line
                               FROM sluice.undo_rows
                              WHERE job_id = %(job_id)s AND outcome IS NULL)
), changed AS (
    SELECT DISTINCT ON (s.sluice_line) s.sluice_line, s.row_key
      FROM seen AS s
     WHERE NOT EXISTS (SELECT FROM seen AS o WHERE o.sluice_line = s.sluice_line AND o.is_ours)
), kept AS (
    UPDATE sluice.undo_rows AS u
       SET outcome = 'kept', reason = %(reason)s, row_key = c.row_key
      FROM changed AS c
     WHERE u.job_id = %(job_id)s AND u.outcome IS NULL AND u.sheet_line = c.sluice_line
    RETURNING 1
), struck AS (
    DELETE FROM sluice.undo_rows AS u
     WHERE u.job_id = %(job_id)s AND u.outcome IS NULL
       AND NOT EXISTS (SELECT FROM changed AS c WHERE c.sluice_line = u.sheet_line)
       AND NOT EXISTS (SELECT
                         FROM seen AS s
                        WHERE s.is_ours AND s.sluice_line = u.sheet_line
                          AND s.row_table = u.row_table AND s.row_tid = u.row_tid)
    RETURNING 1
), listed AS (
    INSERT INTO sluice.undo_rows (job_id, sheet_line, row_table, row_tid)
    SELECT %(job_id)s, sluice_line, row_table, row_tid FROM seen WHERE is_ours
        ON CONFLICT DO NOTHING
    RETURNING 1
)
SELECT (SELECT count(*) FROM kept), (SELECT count(*) FROM struck), (SELECT count(*) FROM listed)
