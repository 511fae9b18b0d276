-- Takes out of an upsert the rows whose unique values a row of another key has, and says whose it is.
DELETE FROM {stage} AS d
 USING (SELECT s.sluice_line, t.holder_job, t.holder_line
          FROM {stage} AS s
         CROSS JOIN LATERAL (SELECT {holder_job} AS holder_job, {holder_line} AS holder_line,
                                    {same_key} AS is_ours
                               FROM {table} AS t
                              WHERE {same}
                              LIMIT 1) AS t
         WHERE NOT t.is_ours) AS h
 WHERE d.sluice_line = h.sluice_line
RETURNING d.sluice_line, h.holder_job, h.holder_line
