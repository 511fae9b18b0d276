-- Counted once a round: a letter that is on its way already, by whomever, is not counted again.
UPDATE sluice.dead_letters
   SET replay_count = replay_count + CASE WHEN state = 'open' THEN 1 ELSE 0 END,
       state = 'replaying', state_reason = %(reason)s, updated_at = now()
 WHERE dead_letter_id = ANY(%(ids)s) AND state IN ('open', 'replaying')
RETURNING dead_letter_id, replay_count
