-- Whose people look at a bar that stands: what is told that the writers are halted.
SELECT job_id, run
  FROM sluice.jobs
 WHERE status IN ('processing', 'retrying') AND desired = 'run'
 ORDER BY created_at
 LIMIT 100
