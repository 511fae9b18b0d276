UPDATE sluice.undos SET settled = true WHERE job_id = %(job)s
