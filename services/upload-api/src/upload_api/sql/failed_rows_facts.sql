-- How many open lines there are, how wide the widest is of those whose cells are kept, and how many
-- chunks of corrections are written: lines that fail again stay open, with other cells and errors.
SELECT (SELECT count(*) FROM sluice.rejected_lines
         WHERE job_id = %(job_id)s AND healed_by IS NULL),
       (SELECT coalesce(max(jsonb_array_length(cells)), 0) FROM sluice.rejected_rows
         WHERE job_id = %(job_id)s AND error_no = 0 AND jsonb_typeof(cells) = 'array'),
       (SELECT count(*) FROM sluice.jobs f JOIN sluice.chunks c ON c.job_id = f.job_id
         WHERE f.correction_of = %(job_id)s AND c.outcome = 'written')
