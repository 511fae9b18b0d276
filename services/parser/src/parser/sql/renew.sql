-- Keep the lease, also one that ran out while the epoch stayed ours, and see what is desired now.
UPDATE sluice.parses p
   SET lease_until = now() + make_interval(secs => %(lease_s)s)
  FROM sluice.jobs j
 WHERE p.job_id = ANY(%(job_ids)s) AND p.worker = %(worker)s AND j.job_id = p.job_id
   AND p.ended_at IS NULL
RETURNING p.job_id, p.epoch, j.run, j.control_seq,
          j.desired = 'run' AND j.status IN ('pending', 'processing', 'retrying', 'paused')
          AND NOT EXISTS (SELECT 1 FROM sluice.job_failures f
                           WHERE f.job_id = j.job_id AND f.run = j.run)
