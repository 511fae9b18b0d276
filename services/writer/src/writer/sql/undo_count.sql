-- What a batch did, in its transaction.
UPDATE sluice.undos
   SET batches = batches + 1, trouble = NULL,
       total = total - %(vanished)s, reversed = reversed + %(reversed)s,
       kept = kept + %(kept)s, refused = refused + %(refused)s
 WHERE job_id = %(job_id)s
RETURNING state, collected, total, batches, reversed, kept, refused, trouble
