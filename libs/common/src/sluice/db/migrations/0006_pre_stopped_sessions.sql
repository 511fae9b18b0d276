-- Ending sessions of the services that stand still, also those of another service's role.
-- depends: 0005_pre_audit

-- A process that stands still within a transaction: PostgreSQL holds off every timeout and cancel
-- while it waits for COPY data, and such a session keeps its locks. One role for all services is
-- its own; where each has its own, the owner of the function must be a member of them.
CREATE FUNCTION sluice.end_stopped_sessions(application text DEFAULT NULL) RETURNS SETOF integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    stopped integer;
BEGIN
    FOR stopped IN
        SELECT pid
          FROM pg_stat_activity
         WHERE (usename = session_user
                OR usename IN ('sluice_upload_api', 'sluice_parser', 'sluice_writer',
                               'sluice_progress_gateway'))
           AND datname = current_database()
           AND pid <> pg_backend_pid()
           AND (application IS NULL OR application_name = application)
           AND state IN ('active', 'idle in transaction')
           AND wait_event = 'ClientRead'
           AND xact_start IS NOT NULL
           AND greatest(state_change, query_start) < clock_timestamp() - interval '5 seconds'
    LOOP
        BEGIN
            PERFORM pg_terminate_backend(stopped);
            RETURN NEXT stopped;
        EXCEPTION WHEN insufficient_privilege THEN
            RAISE WARNING 'session % stands still, and may not be ended', stopped;
        END;
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION sluice.end_stopped_sessions(text) FROM PUBLIC;
