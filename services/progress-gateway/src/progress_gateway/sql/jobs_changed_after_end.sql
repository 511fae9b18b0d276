-- The only ended jobs that are looked at each second. A correction and its root end together, and
-- an undo is settled with its job: so nothing that has just ended is missed.
SELECT correction_of AS job_id
  FROM sluice.jobs
 WHERE status IN ('pending', 'processing', 'retrying', 'paused')
   AND correction_of IS NOT NULL
 UNION
SELECT job_id
  FROM sluice.undos
 WHERE NOT settled
