-- Unfinished jobs by status, and for how long the one that stands longest has not moved; few, whatever has ended.
SELECT j.status, count(*),
       coalesce(max(extract(epoch FROM now() - greatest(j.updated_at, p.ended_at, c.finished_at)))
                FILTER (WHERE j.desired = 'run'), 0)::float8 AS still_s
  FROM sluice.jobs j
  LEFT JOIN sluice.parses p USING (job_id)
  LEFT JOIN LATERAL (SELECT max(finished_at) AS finished_at FROM sluice.chunks
                      WHERE chunks.job_id = j.job_id) c ON true
 WHERE j.status IN ('pending', 'processing', 'retrying', 'paused')
 GROUP BY j.status
