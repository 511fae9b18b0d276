-- The kept errors by kind, the most frequent first, each with its first lines; `lines`: how many
-- lines have their first error among them. The samples are found by the index on kinds.
WITH kinds AS (
    SELECT column_letter, field, code, count(*) AS errors,
           count(*) FILTER (WHERE error_no = 0) AS lines
      FROM sluice.rejected_rows WHERE job_id = %(job_id)s
     GROUP BY column_letter, field, code)
SELECT coalesce(k.column_letter, '') AS column_letter, coalesce(k.field, '') AS field, k.code,
       k.errors, k.lines, s.samples
  FROM kinds k CROSS JOIN LATERAL (
      SELECT coalesce(jsonb_agg(jsonb_build_object(
                 'line', f.sheet_line, 'message', f.message, 'value', f.value)
                 ORDER BY f.sheet_line), '[]') AS samples
        FROM ((SELECT r.sheet_line, r.message, r.value FROM sluice.rejected_rows r
                WHERE r.job_id = %(job_id)s AND r.code = k.code
                  AND r.column_letter = k.column_letter
                ORDER BY r.sheet_line LIMIT %(samples)s)
              UNION ALL
              (SELECT r.sheet_line, r.message, r.value FROM sluice.rejected_rows r
                WHERE r.job_id = %(job_id)s AND r.code = k.code
                  AND r.column_letter IS NULL AND k.column_letter IS NULL
                ORDER BY r.sheet_line LIMIT %(samples)s)) AS f) AS s
 ORDER BY k.errors DESC, 1, 3
