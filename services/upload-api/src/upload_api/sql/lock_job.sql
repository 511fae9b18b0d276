-- Behind the gate: the settler's light updates do not take it, hence the row's own lock as well.
-- The undo of a root takes back what its corrections wrote: it stands for theirs.
SELECT j.status, j.desired, j.run, j.owner_id,
       EXISTS (SELECT FROM sluice.undos u WHERE u.job_id IN (j.job_id, j.correction_of)),
       j.correction_of,
       (SELECT r.status FROM sluice.jobs r WHERE r.job_id = j.correction_of),
       EXISTS (SELECT
                 FROM sluice.jobs c
                WHERE c.correction_of = j.job_id
                  AND c.status IN ('pending', 'processing', 'retrying', 'paused'))
  FROM sluice.jobs j
 WHERE j.job_id = %(job_id)s
   FOR UPDATE OF j
