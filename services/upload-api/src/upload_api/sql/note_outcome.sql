UPDATE sluice.replay_letters SET outcome = %(outcome)s, reason = %(reason)s
 WHERE replay_id = %(replay_id)s AND dead_letter_id = %(dead_letter_id)s
