-- Whose job it is, is asked here too: a right may have gone since it was checked.
INSERT INTO sluice.job_shares (job_id, user_id, permission, shared_by, shared_at, expires_at)
SELECT j.job_id, sharee, %(permission)s, %(asking)s, now(), %(expires_at)s
  FROM sluice.jobs j, unnest(%(sharees)s::uuid[]) sharee
 WHERE j.job_id = %(job_id)s AND sluice.right_on_job(j, %(asking)s, %(role)s) = 3
ON CONFLICT (job_id, user_id) DO UPDATE
   SET permission = excluded.permission, shared_by = excluded.shared_by,
       shared_at = excluded.shared_at, expires_at = excluded.expires_at
