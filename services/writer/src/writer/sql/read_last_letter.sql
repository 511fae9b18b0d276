-- The newest dead letter of a chunk: what its fact states.
SELECT replay_count, attempts
  FROM sluice.dead_letters
 WHERE job_id = %(job_id)s AND chunk_no = %(chunk_no)s
 ORDER BY dead_letter_id DESC
 LIMIT 1
