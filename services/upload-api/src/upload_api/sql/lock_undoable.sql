-- Behind the gate: what an undo of the job depends on; no row: it was erased.
SELECT j.status, j.dry_run, j.correction_of IS NOT NULL AS is_correction, j.mode,
       j.target_definition,
       (SELECT coalesce(sum(c.updated), 0)::bigint
          FROM sluice.jobs f
          JOIN sluice.chunks c ON c.job_id = f.job_id
         WHERE f.job_id = j.job_id OR f.correction_of = j.job_id) AS updated_rows,
       EXISTS (SELECT
                 FROM sluice.jobs f
                WHERE f.correction_of = j.job_id
                  AND f.status IN ('pending', 'processing', 'retrying', 'paused'))
           AS has_open_correction,
       (SELECT u.state FROM sluice.undos u WHERE u.job_id = j.job_id) AS undo_state
  FROM sluice.jobs j
 WHERE j.job_id = %(job_id)s
   FOR UPDATE OF j
