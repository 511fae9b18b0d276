SELECT j.job_id
  FROM sluice.jobs j
 WHERE ((%(scope)s = 'all' AND EXISTS (
           SELECT FROM sluice.users u
            WHERE u.user_id = %(user)s AND u.role IN ('operator', 'admin') AND NOT u.disabled))
        OR j.owner_id = %(user)s
        OR (%(scope)s = 'visible' AND EXISTS (
           SELECT FROM sluice.job_shares s
            WHERE s.job_id = j.job_id AND s.user_id = %(user)s
              AND (s.expires_at IS NULL OR s.expires_at > now()))))
   AND (j.status IN ('pending', 'processing', 'retrying', 'paused')
        OR j.updated_at > now() - interval '15 minutes'
        OR EXISTS (SELECT FROM sluice.undos u WHERE u.job_id = j.job_id AND NOT u.settled))
 ORDER BY (j.status IN ('pending', 'processing', 'retrying', 'paused')) DESC,
          j.created_at DESC, j.job_id
 LIMIT 200
