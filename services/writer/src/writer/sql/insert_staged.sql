-- Inserts what has no conflict, by rising key, and returns the lines that have one. ON CONFLICT
-- waits for a racing writer; an anti-join would not see its rows.
WITH placed AS (
    INSERT INTO {table} ({lineage_columns}{columns})
    SELECT {lineage_values}{staged_columns}
      FROM {stage} AS s
     WHERE %(lines)s::int[] IS NULL OR s.sluice_line = ANY(%(lines)s::int[])
     ORDER BY {order}
        ON CONFLICT DO NOTHING
    RETURNING {returned}
)
SELECT coalesce(array_agg(s.sluice_line ORDER BY s.sluice_line), '{{}}')
  FROM {stage} AS s
 WHERE (%(lines)s::int[] IS NULL OR s.sluice_line = ANY(%(lines)s::int[]))
   AND NOT EXISTS (SELECT FROM placed AS p WHERE {same})
