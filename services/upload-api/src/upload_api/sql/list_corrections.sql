SELECT job_id FROM sluice.jobs WHERE correction_of = %(job_id)s ORDER BY job_id
