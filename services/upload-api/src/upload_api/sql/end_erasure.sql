-- Unless rows are left: those that another process was deleting, and may not have.
DELETE FROM sluice.erasures
 WHERE job_id = %(job_id)s
   AND NOT EXISTS (SELECT FROM sluice.rejected_rows WHERE job_id = %(job_id)s)
   AND NOT EXISTS (SELECT FROM sluice.rejected_lines WHERE job_id = %(job_id)s)
   AND NOT EXISTS (SELECT FROM sluice.replaced_rows WHERE job_id = %(job_id)s)
   AND NOT EXISTS (SELECT FROM sluice.undo_rows WHERE job_id = %(job_id)s)
