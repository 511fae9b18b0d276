SELECT chunk_no
  FROM sluice.chunks
 WHERE job_id = %(job)s
   AND outcome = 'written'
