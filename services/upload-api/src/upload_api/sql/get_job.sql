-- Rights are asked for before.
SELECT j.*, u.username AS owner_name
  FROM sluice.jobs j JOIN sluice.users u ON u.user_id = j.owner_id
 WHERE j.job_id = %(job_id)s
