-- Newest first, from behind the last one of the page before.
SELECT * FROM sluice.dead_letters
 WHERE (%(ids)s::bigint[] IS NULL OR dead_letter_id = ANY(%(ids)s))
   AND (%(job_id)s::uuid IS NULL OR job_id = %(job_id)s)
   AND (%(error_class)s::text IS NULL OR error_class = %(error_class)s)
   AND (%(states)s::text[] IS NULL OR state = ANY(%(states)s))
   AND (%(since)s::timestamptz IS NULL OR last_failed_at >= %(since)s)
   AND (%(until)s::timestamptz IS NULL OR last_failed_at < %(until)s)
   AND (%(before)s::bigint IS NULL OR dead_letter_id < %(before)s)
 ORDER BY dead_letter_id DESC LIMIT %(limit)s
