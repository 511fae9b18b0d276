-- What never changes of a job: read once, outside any transaction.
SELECT j.mode, j.target_definition, j.layout, j.correction_of, r.layout, j.dry_run, j.max_error_percent
  FROM sluice.jobs j
  LEFT JOIN sluice.jobs r ON r.job_id = j.correction_of
 WHERE j.job_id = %(job_id)s
