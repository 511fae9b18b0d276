-- Which of these ids are jobs, or files that previews keep: the others' files are orphans.
SELECT job_id FROM sluice.jobs WHERE job_id = ANY(%(job_ids)s)
UNION ALL
SELECT preview_id FROM sluice.previews WHERE preview_id = ANY(%(job_ids)s)
