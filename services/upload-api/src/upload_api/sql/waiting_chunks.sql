-- What a replay still has to send of one job.
SELECT d.chunk_no
  FROM sluice.replay_letters l JOIN sluice.dead_letters d USING (dead_letter_id)
 WHERE l.replay_id = %(replay_id)s AND l.outcome = 'waiting'
   AND d.job_id = %(job_id)s AND d.chunk_no IS NOT NULL AND d.state IN ('open', 'replaying')
   AND (d.state = 'replaying' OR d.replay_count < %(max_replays)s)
