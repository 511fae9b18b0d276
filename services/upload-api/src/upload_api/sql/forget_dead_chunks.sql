-- The parser emits what has no entry: all dead chunks of a job, or the chosen ones.
DELETE FROM sluice.chunks
 WHERE job_id = %(job_id)s AND outcome = 'dead'
   AND (%(chunks)s::integer[] IS NULL OR chunk_no = ANY(%(chunks)s))
