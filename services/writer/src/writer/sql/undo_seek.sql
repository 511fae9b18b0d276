-- Where rows of these lines are now, and whether the undo itself (a trigger, within a savepoint) or
-- the job wrote them.
SELECT t.sluice_line, t.tableoid, t.ctid::text,
       CASE WHEN age(t.xmin) <= 0
            THEN pg_xact_status((pg_current_xact_id()::text::bigint - age(t.xmin))::text::xid8)
                 = 'in progress'
            ELSE false END,
       {ours}, {row_key}
  FROM {table} AS t
 WHERE t.sluice_job = %(job_id)s
   AND t.sluice_line IN (SELECT unnest(%(lines)s::integer[]))
