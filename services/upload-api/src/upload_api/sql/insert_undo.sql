-- From here on no writer writes for the job; a writer's undo worker takes it up.
INSERT INTO sluice.undos (job_id, requested_by) VALUES (%(job_id)s, %(user_id)s)
