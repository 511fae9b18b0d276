-- How far an undo is; no row: nobody asked for one.
SELECT u.job_id, u.state, u.total, u.reversed, u.kept, u.refused, u.trouble,
       u.requested_at, u.finished_at
  FROM sluice.undos u
 WHERE u.job_id = %(job_id)s
