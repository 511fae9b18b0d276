-- What never changes of a job: read once, outside any transaction.
SELECT mode, target_definition, layout
  FROM sluice.jobs
 WHERE job_id = %(job_id)s
