-- The oldest job that wants parsing and that nobody parses now; times are the database's only.
SELECT j.job_id, j.run, j.control_seq, j.file_url, j.file_sha256, j.layout,
       extract(epoch FROM now() - j.created_at)::float8 AS age_s, j.traceparent
  FROM sluice.jobs j
  LEFT JOIN sluice.parses p USING (job_id)
 WHERE j.desired = 'run'
   AND j.status IN ('pending', 'processing', 'retrying', 'paused')
   AND (%(any_size)s OR (j.layout ->> 'estimatedRows')::bigint < %(small_rows)s)
   AND (p.job_id IS NULL
        OR (p.chunker_version = ANY(%(chunker_versions)s) AND p.not_before <= now()
            AND ((p.run, p.control_seq) IS DISTINCT FROM (j.run, j.control_seq)
                 OR (p.ended_at IS NULL AND p.worker IS NULL)
                 OR (p.ended_at IS NULL AND p.lease_until < now() AND %(take_expired)s)
                 -- chunks that Kafka no longer holds: the sheet is read, the ledger stands still
                 OR (p.total_chunks IS NOT NULL
                     AND p.ended_at < now() - make_interval(secs => %(lost_after_s)s)
                     AND coalesce((SELECT max(c.finished_at) FROM sluice.chunks c
                                    WHERE c.job_id = j.job_id), p.ended_at)
                         < now() - make_interval(secs => %(lost_after_s)s)
                     AND (SELECT count(*) FROM sluice.chunks c WHERE c.job_id = j.job_id)
                         < p.total_chunks))))
   AND NOT EXISTS (SELECT 1 FROM sluice.job_failures f
                    WHERE f.job_id = j.job_id AND f.run = j.run)
 ORDER BY j.created_at
 LIMIT 1
   FOR UPDATE OF j SKIP LOCKED
