-- Behind the gate: the settler's light updates do not take it, hence the row's own lock as well.
SELECT status, desired, run, owner_id,
       EXISTS (SELECT FROM sluice.undos u WHERE u.job_id = j.job_id)
  FROM sluice.jobs j
 WHERE job_id = %(job_id)s
   FOR UPDATE
