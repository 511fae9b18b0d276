-- What snapshots do not know of jobs: what never changes, and what goes on after their end.
SELECT j.job_id, j.version, j.dry_run, j.correction_of,
       CASE
         WHEN EXISTS (SELECT FROM sluice.undos u WHERE u.job_id = j.job_id AND NOT u.settled)
         THEN 'undo'
         WHEN EXISTS (SELECT FROM sluice.jobs k
                       WHERE k.correction_of = j.job_id
                         AND k.status IN ('pending', 'processing', 'retrying', 'paused'))
         THEN 'correction'
       END AS ongoing
  FROM sluice.jobs j
 WHERE j.job_id = ANY(%(jobs)s)
