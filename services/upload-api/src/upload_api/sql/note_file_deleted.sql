UPDATE sluice.jobs SET file_deleted_at = now() WHERE job_id = %(job_id)s
