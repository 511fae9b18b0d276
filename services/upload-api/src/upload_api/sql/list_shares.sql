-- Those that hold now.
SELECT s.user_id, u.username, s.permission, b.username AS shared_by, s.shared_at, s.expires_at
  FROM sluice.job_shares s
  JOIN sluice.jobs j ON j.job_id = s.job_id
  JOIN sluice.users u ON u.user_id = s.user_id
  JOIN sluice.users b ON b.user_id = s.shared_by
 WHERE s.job_id = %(job_id)s AND sluice.right_on_job(j, %(asking)s, %(role)s) = 3
   AND (s.expires_at IS NULL OR s.expires_at > now())
 ORDER BY u.username
