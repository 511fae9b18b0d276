-- Takes the oldest undo that nobody works on, ours first; its end may still have to be stated.
UPDATE sluice.undos
   SET worker = %(worker)s, lease_until = clock_timestamp() + %(lease_s)s * interval '1 second'
 WHERE job_id = (SELECT job_id
                   FROM sluice.undos
                  WHERE NOT stated
                    AND (worker = %(worker)s OR lease_until IS NULL
                         OR lease_until < clock_timestamp())
                  ORDER BY requested_at
                  LIMIT 1
                    FOR UPDATE SKIP LOCKED)
RETURNING job_id
