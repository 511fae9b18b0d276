-- How much of a job's cap is used; stops counting there.
SELECT count(*)
  FROM (SELECT FROM sluice.rejected_rows WHERE job_id = %(job_id)s LIMIT %(cap)s) AS stored
