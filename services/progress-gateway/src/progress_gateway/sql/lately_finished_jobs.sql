-- Corrections and undos touch jobs after their end.
SELECT job_id
  FROM sluice.jobs
 WHERE greatest(finished_at, updated_at) > now() - interval '15 minutes'
   AND status IN ('completed', 'completed_with_errors', 'failed', 'cancelled', 'undone')
