SELECT job_id
  FROM sluice.jobs
 WHERE finished_at > now() - interval '15 minutes'
   AND status IN ('completed', 'completed_with_errors', 'failed', 'cancelled')
