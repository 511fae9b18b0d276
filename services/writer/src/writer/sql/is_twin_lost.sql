-- Whether chunks of the dry run are written, by others than us, and their rows are gone: an unlogged
-- table is empty after a crash of the server, and dropped when its job ended.
SELECT EXISTS (SELECT FROM sluice.chunks
                WHERE job_id = %(job_id)s AND outcome = 'written' AND inserted + updated > 0
                  AND xid <> pg_current_xact_id())
   AND NOT EXISTS (SELECT FROM {twin})
