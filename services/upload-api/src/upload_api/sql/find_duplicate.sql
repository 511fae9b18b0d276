-- The newest earlier job of the same owner with the same bytes.
SELECT job_id FROM sluice.jobs
 WHERE owner_id = %(owner_id)s AND file_sha256 = %(file_sha256)s
 ORDER BY created_at DESC, job_id LIMIT 1
