-- Histograms of the letters that a filter chooses, oldest first up to a limit (NULL: all of them).
WITH chosen AS (
    SELECT error_class, job_id, state FROM sluice.dead_letters
     WHERE (%(ids)s::bigint[] IS NULL OR dead_letter_id = ANY(%(ids)s))
       AND (%(job_id)s::uuid IS NULL OR job_id = %(job_id)s)
       AND (%(error_class)s::text IS NULL OR error_class = %(error_class)s)
       AND (%(states)s::text[] IS NULL OR state = ANY(%(states)s))
       AND (%(since)s::timestamptz IS NULL OR last_failed_at >= %(since)s)
       AND (%(until)s::timestamptz IS NULL OR last_failed_at < %(until)s)
     ORDER BY dead_letter_id LIMIT %(max)s)
SELECT CASE grouping(error_class, job_id, state)
           WHEN 3 THEN 'error_class' WHEN 5 THEN 'job_id' WHEN 6 THEN 'state' ELSE 'total' END,
       coalesce(error_class, job_id::text, state), count(*)
  FROM chosen
 GROUP BY GROUPING SETS ((error_class), (job_id), (state), ())
 ORDER BY count(*) DESC, 2
