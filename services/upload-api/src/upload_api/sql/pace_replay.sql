-- By the database's clock: so the rate holds whichever process sends.
UPDATE sluice.replays SET next_at = clock_timestamp() + make_interval(secs => %(pause_s)s)
 WHERE replay_id = %(replay_id)s
