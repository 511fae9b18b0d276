-- Never changes; NULL: the job corrects none.
SELECT correction_of FROM sluice.jobs WHERE job_id = %(job_id)s
