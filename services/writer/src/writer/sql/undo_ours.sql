-- The transactions that wrote the chunks of a job and of its corrections.
SELECT c.xid::xid
  FROM sluice.jobs AS j
  JOIN sluice.chunks AS c ON c.job_id = j.job_id
 WHERE (j.job_id = %(job_id)s OR j.correction_of = %(job_id)s) AND c.outcome = 'written'
