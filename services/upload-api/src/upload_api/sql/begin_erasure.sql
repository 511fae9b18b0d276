-- Of a job and its corrections: what is left to be removed once their rows are gone.
INSERT INTO sluice.erasures (job_id, file_url)
SELECT job_id, file_url FROM sluice.jobs
 WHERE job_id = %(job_id)s OR correction_of = %(job_id)s
ON CONFLICT (job_id) DO NOTHING
