-- What waits for an operator; a letter on its way is left alone.
UPDATE sluice.dead_letters
   SET state = 'discarded', state_reason = %(reason)s, updated_at = now()
 WHERE (%(ids)s::bigint[] IS NULL OR dead_letter_id = ANY(%(ids)s))
   AND (%(job_id)s::uuid IS NULL OR job_id = %(job_id)s)
   AND (%(error_class)s::text IS NULL OR error_class = %(error_class)s)
   AND (%(states)s::text[] IS NULL OR state = ANY(%(states)s))
   AND (%(since)s::timestamptz IS NULL OR last_failed_at >= %(since)s)
   AND (%(until)s::timestamptz IS NULL OR last_failed_at < %(until)s)
   AND state IN ('open', 'parked')
RETURNING dead_letter_id
