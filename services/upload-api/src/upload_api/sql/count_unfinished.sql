-- A slot is an unfinished job, so it frees itself.
SELECT count(*) FROM sluice.jobs
 WHERE owner_id = %(owner_id)s AND status IN ('pending', 'processing', 'retrying', 'paused')
