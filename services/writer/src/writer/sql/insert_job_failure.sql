-- Why a job's run cannot go on; the first reason stays.
INSERT INTO sluice.job_failures (job_id, run, code, message)
SELECT job_id, run, %(code)s, %(message)s
  FROM sluice.jobs
 WHERE job_id = %(job_id)s
    ON CONFLICT (job_id, run) DO NOTHING
