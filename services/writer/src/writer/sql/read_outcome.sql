-- Whether a chunk that failed has an outcome all the same: another copy of it was faster.
SELECT outcome, run, rows, first_line, last_line, code
  FROM sluice.chunks
 WHERE job_id = %(job_id)s AND chunk_no = %(chunk_no)s
