-- What this session inserted and updated in the table, its partitions and heirs, also in savepoints that
-- were rolled back; NULL where the server does not count.
WITH RECURSIVE whole (relid) AS (
    SELECT %(table)s::regclass::oid
     UNION
    SELECT i.inhrelid FROM pg_inherits AS i JOIN whole AS w ON i.inhparent = w.relid
)
SELECT CASE WHEN current_setting('track_counts')::boolean
            THEN sum(pg_stat_get_xact_tuples_inserted(relid)
                     + pg_stat_get_xact_tuples_updated(relid))::bigint END
  FROM whole
