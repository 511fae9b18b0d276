-- By the wall clock of now: failures before it count no more.
UPDATE sluice.consumer_halts SET resumed_at = clock_timestamp(), resumed_by = %(user_id)s
 WHERE resumed_at IS NULL
RETURNING consumer
