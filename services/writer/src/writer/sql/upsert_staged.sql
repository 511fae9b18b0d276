-- Inserts or updates by rising key; of one job the highest line stays, whoever comes first.
-- sluice_replaced: NULL = inserted, 0 = updated, n = line n of the same job counted before us; a line
-- that is not returned was superseded before it came.
WITH placed AS (
    INSERT INTO {table} AS held (sluice_job, sluice_line, {columns})
    SELECT %(job_id)s, s.sluice_line, {staged_columns}
      FROM {stage} AS s
     ORDER BY {order}
        ON CONFLICT ({key}) DO UPDATE
       SET {assignments}sluice_job = excluded.sluice_job, sluice_line = excluded.sluice_line,
           sluice_replaced =
               CASE WHEN held.sluice_job = excluded.sluice_job THEN held.sluice_line ELSE 0 END
     WHERE held.sluice_job IS DISTINCT FROM excluded.sluice_job
        OR held.sluice_line < excluded.sluice_line
    RETURNING sluice_line, sluice_replaced
)
SELECT coalesce(array_agg(sluice_line) FILTER (WHERE sluice_replaced IS NULL), '{{}}'),
       coalesce(array_agg(sluice_line) FILTER (WHERE sluice_replaced = 0), '{{}}'),
       coalesce(array_agg(sluice_line) FILTER (WHERE sluice_replaced > 0), '{{}}'),
       coalesce(array_agg(sluice_replaced) FILTER (WHERE sluice_replaced > 0), '{{}}')
  FROM placed
