-- The newest earlier job of the same owner that wrote the same bytes into the same target. A dry run
-- wrote nothing, an undone job nothing that is left, and corrections are of few rows and repeat.
SELECT job_id FROM sluice.jobs
 WHERE owner_id = %(owner_id)s AND file_sha256 = %(file_sha256)s AND target = %(target)s
   AND NOT dry_run AND correction_of IS NULL AND status <> 'undone'
 ORDER BY created_at DESC, job_id LIMIT 1
