-- Which of the outstanding chunks, of all jobs at once, have an outcome by now.
SELECT c.job_id, c.chunk_no
  FROM unnest(%(job_ids)s::uuid[], %(chunk_nos)s::int[]) AS o (job_id, chunk_no)
  JOIN sluice.chunks c USING (job_id, chunk_no)
