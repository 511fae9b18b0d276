-- The next replay that is due; its row is held while a batch of it is sent, by one process.
SELECT replay_id, rate_per_s FROM sluice.replays
 WHERE state = 'running' AND next_at <= clock_timestamp()
 ORDER BY next_at LIMIT 1
   FOR UPDATE SKIP LOCKED
