-- Inserts or updates by rising key.
-- sluice_replaced: NULL = inserted, 0 = updated, n = line n of the same job counted before us; a line
-- that is not returned was superseded before it came.
WITH placed AS (
    INSERT INTO {table} AS held (sluice_job, sluice_line, {columns})
    SELECT %(job_id)s, s.sluice_line, {staged_columns}
      FROM {stage} AS s
     ORDER BY {order}
        ON CONFLICT {action}
    RETURNING sluice_line, sluice_replaced
)
SELECT coalesce(array_agg(sluice_line) FILTER (WHERE sluice_replaced IS NULL), '{{}}'),
       coalesce(array_agg(sluice_line) FILTER (WHERE sluice_replaced = 0), '{{}}'),
       coalesce(array_agg(sluice_line) FILTER (WHERE sluice_replaced > 0), '{{}}'),
       coalesce(array_agg(sluice_replaced) FILTER (WHERE sluice_replaced > 0), '{{}}')
  FROM placed
