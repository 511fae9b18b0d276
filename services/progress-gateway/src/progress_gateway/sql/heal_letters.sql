-- A dead letter is healed once its chunk is written, whoever sent it again.
UPDATE sluice.dead_letters d
   SET state = 'healed', updated_at = now()
  FROM sluice.chunks c
 WHERE d.job_id = ANY(%(jobs)s)
   AND d.state IN ('open', 'replaying', 'parked')
   AND c.job_id = d.job_id
   AND c.chunk_no = d.chunk_no
   AND c.outcome = 'written'
