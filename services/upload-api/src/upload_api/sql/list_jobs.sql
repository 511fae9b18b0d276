-- Newest first. Public jobs are open to whoever knows their id, and are in nobody's list but the
-- owner's.
SELECT j.*, u.username AS owner_name, sluice.right_on_job(j, %(user_id)s, %(role)s) AS right_no
  FROM sluice.jobs j JOIN sluice.users u ON u.user_id = j.owner_id
 WHERE (%(scope)s = 'all'
        OR (%(scope)s IN ('mine', 'visible') AND j.owner_id = %(user_id)s)
        OR (%(scope)s IN ('shared', 'visible') AND EXISTS (
           SELECT FROM sluice.job_shares s
            WHERE s.job_id = j.job_id AND s.user_id = %(user_id)s
              AND (s.expires_at IS NULL OR s.expires_at > now()))))
   AND (%(statuses)s::text[] IS NULL OR j.status = ANY(%(statuses)s))
   AND (%(target)s::text IS NULL OR j.target = %(target)s)
   AND (%(name_part)s::text IS NULL
        OR strpos(lower(j.file_name), lower(%(name_part)s)) > 0)
   AND (%(before)s::timestamptz IS NULL
        OR (j.created_at, j.job_id) < (%(before)s, %(before_id)s::uuid))
 ORDER BY j.created_at DESC, j.job_id DESC LIMIT %(limit)s
