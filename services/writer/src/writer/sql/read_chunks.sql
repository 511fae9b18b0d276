-- The entries of chunks that others wrote: to compare contents, and to state their facts again.
SELECT chunk_no, run, rows, inserted, updated, skipped, failed, first_line, last_line,
       covered_bytes, encode(sha256, 'hex')
  FROM sluice.chunks
 WHERE job_id = %(job_id)s AND chunk_no = ANY(%(chunk_nos)s)
 ORDER BY chunk_no
