-- Later lines of a job whose values an earlier line needs that has taken another row's place already.
DELETE FROM {table} AS t
 USING {stage} AS s
 WHERE {same} AND s.sluice_line = ANY(%(lines)s)
   AND t.sluice_job = %(job_id)s AND t.sluice_line > s.sluice_line
