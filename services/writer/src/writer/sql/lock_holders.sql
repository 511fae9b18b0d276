-- Who has the keys that our lines want: locked in key order, and read as they are once we have them.
SELECT s.sluice_line, t.sluice_job, t.sluice_line,
       CASE WHEN t.sluice_job = %(job_id)s AND t.sluice_line > s.sluice_line
            THEN ARRAY[{texts}]::text[] END
  FROM {stage} AS s
  JOIN {table} AS t ON {same}
 WHERE s.sluice_line = ANY(%(lines)s)
 ORDER BY {order}
   FOR UPDATE OF t
