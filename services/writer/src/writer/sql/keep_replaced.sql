-- What an upsert is about to replace of others: locked by rising key, and kept for an undo.
INSERT INTO sluice.replaced_rows (job_id, sheet_line, row)
SELECT %(job_id)s, s.sluice_line, to_jsonb(t)
  FROM {stage} AS s
  JOIN {table} AS t ON {same}
 WHERE t.sluice_job IS DISTINCT FROM %(job_id)s
 ORDER BY {order}
   FOR UPDATE OF t
RETURNING sheet_line
