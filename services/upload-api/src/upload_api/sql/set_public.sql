UPDATE sluice.jobs j SET is_public = %(is_public)s
 WHERE j.job_id = %(job_id)s AND sluice.right_on_job(j, %(asking)s, %(role)s) = 3
