SELECT chunk_no FROM sluice.chunks
 WHERE job_id = %(job_id)s AND chunk_no = ANY(%(chunks)s) AND outcome = 'written'
