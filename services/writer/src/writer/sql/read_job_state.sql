-- Whether a job goes on: read in every transaction, behind the job's gate.
SELECT j.desired, j.status, j.run,
       EXISTS (SELECT FROM sluice.job_failures f WHERE f.job_id = j.job_id AND f.run = j.run),
       EXISTS (SELECT FROM sluice.undos u WHERE u.job_id = j.job_id)
  FROM sluice.jobs j
 WHERE j.job_id = %(job_id)s
