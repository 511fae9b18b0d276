-- Which of these ids are jobs: the others' files are orphans.
SELECT job_id FROM sluice.jobs WHERE job_id = ANY(%(job_ids)s)
