-- How many rows of a job were handled so far, and how many of them were rejected.
SELECT coalesce(sum(rows), 0)::bigint, coalesce(sum(failed), 0)::bigint
  FROM sluice.chunks
 WHERE job_id = %(job_id)s AND outcome = 'written'
