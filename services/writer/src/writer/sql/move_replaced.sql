-- A later line of the job has taken a row over: what the earlier one replaced is now its own.
UPDATE sluice.replaced_rows AS r
   SET sheet_line = m.later
  FROM unnest(%(earlier)s::int[], %(later)s::int[]) AS m (earlier, later)
 WHERE r.job_id = %(job_id)s AND r.sheet_line = m.earlier
