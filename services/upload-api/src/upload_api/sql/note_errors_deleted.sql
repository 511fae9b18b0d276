UPDATE sluice.jobs SET errors_deleted_at = now() WHERE job_id = %(job_id)s
