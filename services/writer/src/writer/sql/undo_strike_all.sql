-- All waiting rows of an undo are off the list.
DELETE FROM sluice.undo_rows WHERE job_id = %(job_id)s AND outcome IS NULL
