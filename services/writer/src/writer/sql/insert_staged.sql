-- Inserts what has no conflict, by rising key, and returns the lines that have one. ON CONFLICT
-- waits for a racing writer; an anti-join would not see its rows. Also whether those lines and the
-- rows that were inserted are all there are: whoever has no lineage may not be known again.
WITH placed AS (
    INSERT INTO {table} ({lineage_columns}{columns})
    SELECT {lineage_values}{staged_columns}
      FROM {stage} AS s
     WHERE %(lines)s::int[] IS NULL OR s.sluice_line = ANY(%(lines)s::int[])
     ORDER BY {order}
        ON CONFLICT DO NOTHING
    RETURNING {returned}
)
SELECT coalesce(array_agg(s.sluice_line ORDER BY s.sluice_line), '{{}}'),
       count(*) + (SELECT count(*) FROM placed)
       = (SELECT count(*) FROM {stage} AS a
           WHERE %(lines)s::int[] IS NULL OR a.sluice_line = ANY(%(lines)s::int[]))
  FROM {stage} AS s
 WHERE (%(lines)s::int[] IS NULL OR s.sluice_line = ANY(%(lines)s::int[]))
   AND {unplaced}
