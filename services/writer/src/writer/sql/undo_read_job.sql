-- What an undo must know of its job; none of it changes any more.
SELECT mode, target_definition, run FROM sluice.jobs WHERE job_id = %(job_id)s
