-- Lines of the root whose row an earlier line has taken: rejected from now on, whoever wrote them.
INSERT INTO sluice.rejected_lines AS held (job_id, sheet_line, chunk_no)
SELECT %(root_id)s, d.sheet_line,
       coalesce((SELECT max(c.chunk_no) FROM sluice.chunks c
                  WHERE c.job_id = %(root_id)s AND c.first_line <= d.sheet_line
                    AND c.last_line >= d.sheet_line), 0)
  FROM unnest(%(lines)s::int[]) AS d (sheet_line)
 ORDER BY d.sheet_line
    ON CONFLICT (job_id, sheet_line) DO UPDATE SET healed_by = NULL
RETURNING sheet_line, chunk_no
