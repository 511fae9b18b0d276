-- What the page lists of a job's batches; a dead letter tells how often its chunk was tried.
SELECT c.chunk_no, c.first_line, c.last_line, c.rows, c.failed, c.outcome, c.code,
       round(c.write_s::numeric, 3)::float8, greatest(d.attempts - 1, 0)
  FROM sluice.chunks AS c
  LEFT JOIN LATERAL (
       SELECT d.attempts
         FROM sluice.dead_letters AS d
        WHERE d.job_id = c.job_id AND d.chunk_no = c.chunk_no
        ORDER BY d.dead_letter_id DESC
        LIMIT 1
       ) AS d ON true
 WHERE c.job_id = %(job)s
   AND c.chunk_no >= %(first)s
 ORDER BY c.chunk_no
 LIMIT %(limit)s
