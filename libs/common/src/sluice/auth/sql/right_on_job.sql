SELECT sluice.right_on_job(j, %(user)s, %(role)s) FROM sluice.jobs j WHERE j.job_id = %(job)s
