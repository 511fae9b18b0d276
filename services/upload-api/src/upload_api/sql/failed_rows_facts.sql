-- How many open lines there are, and how wide the widest is of those whose cells are kept.
SELECT (SELECT count(*) FROM sluice.rejected_lines
         WHERE job_id = %(job_id)s AND healed_by IS NULL),
       (SELECT coalesce(max(jsonb_array_length(cells)), 0) FROM sluice.rejected_rows
         WHERE job_id = %(job_id)s AND error_no = 0 AND jsonb_typeof(cells) = 'array')
