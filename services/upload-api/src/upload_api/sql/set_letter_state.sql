UPDATE sluice.dead_letters
   SET state = %(state)s, state_reason = %(reason)s, updated_at = now()
 WHERE dead_letter_id = %(dead_letter_id)s AND state IN ('open', 'replaying', 'parked')
