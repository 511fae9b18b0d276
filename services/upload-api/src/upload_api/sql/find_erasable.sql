-- Behind the gate: all that decides whether a job can be erased.
SELECT j.status, j.correction_of,
       -- Not one that something is in the way of for long: its table may be gone, and it never ends
       EXISTS (SELECT FROM sluice.undos u
                WHERE u.job_id = j.job_id AND u.state = 'running'
                  AND NOT (u.trouble IS NOT NULL
                           AND u.requested_at < now() - %(undo_stuck_after)s::interval)),
       coalesce((SELECT array_agg(c.status) FROM sluice.jobs c WHERE c.correction_of = j.job_id), '{}'),
       coalesce((SELECT array_agg(c.job_id ORDER BY c.job_id) FROM sluice.jobs c
                  WHERE c.correction_of = j.job_id), '{}')
  FROM sluice.jobs j WHERE j.job_id = %(job_id)s FOR UPDATE
