-- Where rows of these lines are now, and whether the undo itself (a trigger, within a savepoint) or
-- the job wrote them.
SELECT t.sluice_line, t.tableoid, t.ctid::text, {written_now}, {ours}, {row_key}
  FROM {table} AS t
 WHERE t.sluice_job = %(job_id)s
   AND t.sluice_line IN (SELECT unnest(%(lines)s::integer[]))
