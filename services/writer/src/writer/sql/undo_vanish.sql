-- No table of the undo's is there, in no schema that it could be in, and not only for a moment:
-- what waits has vanished with it.
UPDATE sluice.undos
   SET collected = true, trouble = NULL, total = reversed + kept + refused
 WHERE job_id = %(job_id)s
   AND requested_at < clock_timestamp() - %(patience_s)s * interval '1 second'
   AND NOT EXISTS (SELECT
                     FROM pg_class AS c
                     JOIN pg_namespace AS s ON s.oid = c.relnamespace
                    WHERE c.relname = %(table)s
                      AND (%(schema)s::text IS NULL OR s.nspname = %(schema)s))
