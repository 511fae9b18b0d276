-- Chosen once: what fails later is none of this replay's.
INSERT INTO sluice.replay_letters (replay_id, dead_letter_id)
SELECT %(replay_id)s, dead_letter_id FROM sluice.dead_letters
 WHERE (%(ids)s::bigint[] IS NULL OR dead_letter_id = ANY(%(ids)s))
   AND (%(job_id)s::uuid IS NULL OR job_id = %(job_id)s)
   AND (%(error_class)s::text IS NULL OR error_class = %(error_class)s)
   AND (%(states)s::text[] IS NULL OR state = ANY(%(states)s))
   AND (%(since)s::timestamptz IS NULL OR last_failed_at >= %(since)s)
   AND (%(until)s::timestamptz IS NULL OR last_failed_at < %(until)s)
 ORDER BY dead_letter_id LIMIT %(max)s
