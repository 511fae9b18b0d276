-- The first letters of a replay that were not sent, and why.
SELECT dead_letter_id, outcome, reason FROM sluice.replay_letters
 WHERE replay_id = %(replay_id)s AND outcome NOT IN ('waiting', 'sent')
 ORDER BY dead_letter_id LIMIT %(limit)s
