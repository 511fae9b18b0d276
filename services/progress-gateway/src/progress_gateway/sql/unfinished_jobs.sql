SELECT job_id
  FROM sluice.jobs
 WHERE status IN ('pending', 'processing', 'retrying', 'paused')
 ORDER BY created_at, job_id
