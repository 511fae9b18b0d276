-- Files that nobody needs: all is written, checked or taken back. Others go when their days are over.
SELECT job_id, file_url FROM sluice.jobs
 WHERE file_deleted_at IS NULL
   AND (status IN ('completed', 'undone')
        OR (dry_run AND status = 'completed_with_errors')
        OR (status IN ('completed_with_errors', 'failed', 'cancelled')
            AND coalesce(finished_at, updated_at) < %(ended_before)s))
 ORDER BY created_at LIMIT 500
