-- The letters follow in the same transaction.
INSERT INTO sluice.replays (replay_id, requested_by, selection, rate_per_s)
VALUES (%(replay_id)s, %(user_id)s, %(selection)s, %(rate_per_s)s)
