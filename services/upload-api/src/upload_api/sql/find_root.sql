-- The root of a job, and what decides whether its rejected rows may be corrected.
SELECT r.job_id, r.target, r.target_definition, r.mode, r.layout, r.status, r.dry_run AS is_dry_run,
       r.status = 'undone'
           OR EXISTS (SELECT FROM sluice.undos u WHERE u.job_id = r.job_id) AS is_undone,
       EXISTS (SELECT FROM sluice.rejected_lines l
                WHERE l.job_id = r.job_id AND l.healed_by IS NULL) AS has_open_lines
  FROM sluice.jobs j JOIN sluice.jobs r ON r.job_id = COALESCE(j.correction_of, j.job_id)
 WHERE j.job_id = %(job_id)s
