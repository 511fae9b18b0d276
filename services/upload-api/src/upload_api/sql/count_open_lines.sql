SELECT count(*) FROM sluice.rejected_lines WHERE job_id = %(job_id)s AND healed_by IS NULL
