-- Every rejected line, always: what a correction claims. A line that one has healed is rejected again
-- where an earlier line of its own job, written since, takes its place.
INSERT INTO sluice.rejected_lines (job_id, sheet_line, chunk_no)
SELECT %(job_id)s, d.sheet_line, d.chunk_no
  FROM unnest(%(lines)s::int[], %(chunk_nos)s::int[]) AS d (sheet_line, chunk_no)
    ON CONFLICT (job_id, sheet_line) DO UPDATE SET healed_by = NULL, chunk_no = excluded.chunk_no
