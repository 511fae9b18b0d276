-- Chunks as their writer told of them, the first rejected lines as well: the same event in the same words.
SELECT c.chunk_no, c.run, c.rows, c.inserted, c.updated, c.skipped, c.failed, c.first_line,
       c.last_line, c.covered_bytes, j.dry_run, coalesce(r.rejected, '[]') AS rejected
  FROM sluice.chunks AS c
  JOIN sluice.jobs AS j ON j.job_id = c.job_id
  LEFT JOIN LATERAL (
       SELECT json_agg(json_build_object('line', sheet_line, 'column', column_letter, 'code', code)
                       ORDER BY sheet_line) AS rejected
         FROM (SELECT DISTINCT ON (sheet_line) sheet_line, column_letter, code
                 FROM sluice.rejected_rows
                WHERE job_id = c.job_id AND chunk_no = c.chunk_no
                  AND sheet_line BETWEEN c.first_line AND c.last_line
                ORDER BY sheet_line, error_no
                LIMIT %(rejected)s) AS first
       ) AS r ON c.failed > 0
 WHERE c.job_id = %(job)s
   AND c.outcome = 'written'
   AND c.chunk_no = ANY(%(chunks)s)
 ORDER BY c.chunk_no
