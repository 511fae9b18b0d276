-- Rows written in the last minutes, in steps of seconds: of jobs that run, or ended in that time.
SELECT date_bin(make_interval(secs => %(step_s)s), c.finished_at, 'epoch'::timestamptz) AS at,
       sum(c.inserted + c.updated + c.skipped)::bigint AS rows,
       sum(c.failed)::bigint AS failed
  FROM sluice.jobs j
  JOIN sluice.chunks c USING (job_id)
 WHERE (j.status IN ('pending', 'processing', 'retrying', 'paused')
        OR j.updated_at > now() - make_interval(secs => %(span_s)s))
   AND c.outcome = 'written'
   AND c.finished_at > now() - make_interval(secs => %(span_s)s)
 GROUP BY 1 ORDER BY 1
