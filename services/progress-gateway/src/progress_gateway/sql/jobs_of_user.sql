SELECT j.job_id
  FROM sluice.jobs j
 WHERE j.owner_id = %(user)s
   AND (j.status IN ('pending', 'processing', 'retrying', 'paused')
        OR j.updated_at > now() - interval '15 minutes')
 ORDER BY j.created_at DESC, j.job_id
 LIMIT 200
