-- The chunk's letters that were sent again and have now failed again; how often it was sent in all.
WITH replaced AS (
    UPDATE sluice.dead_letters
       SET state = 'replaced', updated_at = now()
     WHERE job_id = %(job_id)s AND chunk_no = %(chunk_no)s AND state = 'replaying'
)
SELECT coalesce(max(replay_count), 0)
  FROM sluice.dead_letters
 WHERE job_id = %(job_id)s AND chunk_no = %(chunk_no)s
