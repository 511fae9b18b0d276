SELECT chunk_no, run, rows, inserted, updated, skipped, failed, first_line, last_line,
       covered_bytes
  FROM sluice.chunks
 WHERE job_id = %(job)s
   AND outcome = 'written'
   AND chunk_no = ANY(%(chunks)s)
 ORDER BY chunk_no
