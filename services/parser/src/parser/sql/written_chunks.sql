-- What a new epoch need not emit again.
SELECT chunk_no FROM sluice.chunks WHERE job_id = %(job_id)s AND outcome = 'written'
