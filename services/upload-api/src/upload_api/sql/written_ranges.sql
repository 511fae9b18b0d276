-- The ledger by rising lines: what is written, and what could not be.
SELECT outcome, first_line, last_line, coalesce(code, '') FROM sluice.chunks
 WHERE job_id = %(job_id)s ORDER BY first_line
