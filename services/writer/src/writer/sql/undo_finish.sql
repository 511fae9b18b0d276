-- Nothing waits any more.
UPDATE sluice.undos
   SET state = 'done', finished_at = clock_timestamp(), trouble = NULL
 WHERE job_id = %(job_id)s
   AND NOT EXISTS (SELECT FROM sluice.undo_rows WHERE job_id = %(job_id)s AND outcome IS NULL)
RETURNING state, collected, total, batches, reversed, kept, refused, trouble
