UPDATE sluice.replays SET state = 'done', finished_at = clock_timestamp()
 WHERE replay_id = %(replay_id)s
