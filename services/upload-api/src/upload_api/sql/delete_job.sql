-- With its corrections, shares, parses, undo and idempotency keys.
DELETE FROM sluice.jobs WHERE job_id = %(job_id)s
