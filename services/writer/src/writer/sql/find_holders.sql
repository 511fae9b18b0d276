-- Who has the unique values that our lines want; a look-up by index for each line, never a scan.
SELECT s.sluice_line, t.holder_job, t.holder_line
  FROM {stage} AS s
 CROSS JOIN LATERAL (SELECT {holder_job} AS holder_job, {holder_line} AS holder_line
                       FROM {table} AS t
                      WHERE {same}
                      LIMIT 1) AS t
 ORDER BY s.sluice_line
