-- How long it took from the claim of these chunks until their rows were in.
UPDATE sluice.chunks
   SET write_s = extract(epoch FROM clock_timestamp() - finished_at)
 WHERE job_id = %(job_id)s AND chunk_no = ANY(%(chunk_nos)s)
