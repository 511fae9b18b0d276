DELETE FROM sluice.erasures WHERE job_id = %(job_id)s
