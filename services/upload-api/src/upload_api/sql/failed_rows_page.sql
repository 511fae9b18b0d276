-- Open lines behind `after` in sheet order, with what is kept of them: `cells` is null beyond that.
SELECT l.sheet_line,
       (array_agg(r.cells ORDER BY r.error_no) FILTER (WHERE r.cells IS NOT NULL))[1],
       coalesce(array_agg(r.message ORDER BY r.error_no) FILTER (WHERE r.message IS NOT NULL), '{}')
  FROM (SELECT sheet_line FROM sluice.rejected_lines
         WHERE job_id = %(job_id)s AND healed_by IS NULL AND sheet_line > %(after)s
         ORDER BY sheet_line LIMIT %(limit)s) AS l
  LEFT JOIN sluice.rejected_rows r ON r.job_id = %(job_id)s AND r.sheet_line = l.sheet_line
 GROUP BY l.sheet_line ORDER BY l.sheet_line
