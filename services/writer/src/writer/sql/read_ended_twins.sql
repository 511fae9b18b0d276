-- Twins of dry runs that have ended or vanished; one that can be retried keeps its rows for a day.
SELECT c.relname::text
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN sluice.jobs j ON c.relname = 'dry_' || replace(j.job_id::text, '-', '')
 WHERE n.nspname = %(schema)s AND c.relkind = 'r' AND c.relname LIKE 'dry\_%%'
   AND (j.job_id IS NULL
        OR j.status IN ('completed', 'completed_with_errors', 'undone')
        OR j.status IN ('failed', 'cancelled')
           AND coalesce(j.finished_at, j.updated_at) < now() - interval '1 day')
 LIMIT 100
