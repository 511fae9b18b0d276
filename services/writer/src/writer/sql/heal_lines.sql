-- Lines of the root that are written now; they are locked.
UPDATE sluice.rejected_lines
   SET healed_by = %(job_id)s
 WHERE job_id = %(root_id)s AND sheet_line = ANY(%(lines)s)
