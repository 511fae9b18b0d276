SELECT c.chunk_no, c.run, c.rows, c.first_line, c.last_line, coalesce(c.code, 'UNKNOWN') AS code,
       coalesce(d.replay_count, 0) AS replay, coalesce(d.attempts, 1) AS attempts
  FROM sluice.chunks c
  LEFT JOIN LATERAL (
       SELECT d.replay_count, d.attempts
         FROM sluice.dead_letters d
        WHERE d.job_id = c.job_id AND d.chunk_no = c.chunk_no
        ORDER BY d.dead_letter_id DESC
        LIMIT 1
       ) d ON true
 WHERE c.job_id = %(job)s
   AND c.outcome = 'dead'
 ORDER BY c.chunk_no
