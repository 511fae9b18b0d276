-- Ended jobs whose errors' days are over; one that was retried since has new errors.
SELECT job_id FROM sluice.jobs
 WHERE status NOT IN ('pending', 'processing', 'retrying', 'paused')
   AND coalesce(finished_at, updated_at) < %(ended_before)s
   AND (errors_deleted_at IS NULL OR errors_deleted_at < finished_at)
 ORDER BY created_at LIMIT 500
