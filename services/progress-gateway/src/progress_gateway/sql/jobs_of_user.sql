SELECT j.job_id
  FROM sluice.jobs j
 WHERE j.owner_id = %(user)s
   AND (j.status IN ('pending', 'processing', 'retrying', 'paused')
        OR j.updated_at > now() - interval '15 minutes'
        OR EXISTS (SELECT FROM sluice.undos u WHERE u.job_id = j.job_id AND NOT u.settled))
 ORDER BY j.created_at DESC, j.job_id
 LIMIT 200
