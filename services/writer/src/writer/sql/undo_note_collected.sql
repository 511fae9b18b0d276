-- The list is complete, in the transaction that made it.
UPDATE sluice.undos AS n
   SET collected = true, trouble = NULL, total = f.total, kept = f.kept
  FROM (SELECT count(*) AS total, count(outcome) AS kept
          FROM sluice.undo_rows
         WHERE job_id = %(job_id)s) AS f
 WHERE n.job_id = %(job_id)s
RETURNING n.state, n.collected, n.total, n.batches, n.reversed, n.kept, n.refused, n.trouble
