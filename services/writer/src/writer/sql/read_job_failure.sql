-- The reason on record for the current run: what the fact states.
SELECT f.run, f.code, f.message
  FROM sluice.job_failures f JOIN sluice.jobs j USING (job_id, run)
 WHERE f.job_id = %(job_id)s
