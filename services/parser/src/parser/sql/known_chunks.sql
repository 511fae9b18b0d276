-- What a new epoch need not emit: written, or dead (a retry takes the dead entries away before).
SELECT chunk_no FROM sluice.chunks WHERE job_id = %(job_id)s
