-- The rows of the real table that the batch meets: copied into the twin, each once, by rising key.
INSERT INTO {twin} ({columns})
SELECT {real_columns}
  FROM {stage} AS s
 CROSS JOIN LATERAL (SELECT * FROM {real} AS t WHERE {same} LIMIT 1) AS t
 ORDER BY {order}
    ON CONFLICT DO NOTHING
