-- One role per service, with what its statements need and no more. Apply it as the owner of the
-- schema behind each migration; it may be applied again. Passwords are set apart:
--   ALTER ROLE sluice_writer PASSWORD '…';
-- The writer also needs its targets' tables, and to read the tables that their foreign keys refer to
-- and those that refer to them; as their owner, for each target, and again for a new foreign key:
--   SELECT sluice.grant_target('orders');

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['sluice_upload_api', 'sluice_parser', 'sluice_writer',
                                'sluice_progress_gateway'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT', name);
        END IF;
        EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA sluice FROM %I', name);
        EXECUTE format('GRANT USAGE ON SCHEMA sluice TO %I', name);
        EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA sluice TO %I', name);
        -- Who owns end_stopped_sessions sees and ends the services' sessions, for whoever may call it
        EXECUTE format('GRANT %I TO %s', name,
                       (SELECT proowner::regrole FROM pg_proc
                         WHERE oid = 'sluice.end_stopped_sessions(text)'::regprocedure));
    END LOOP;
END $$;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
REVOKE ALL ON SCHEMA sluice_dry FROM PUBLIC;

GRANT EXECUTE ON FUNCTION sluice.end_stopped_sessions(text) TO sluice_upload_api, sluice_writer;

-- Audit: all who keep it insert and read; nobody changes it.
GRANT SELECT, INSERT ON sluice.audit_log TO sluice_upload_api, sluice_progress_gateway;
GRANT SELECT, INSERT ON sluice.audit_seals TO sluice_upload_api;
GRANT SELECT ON sluice.audit_forgotten TO sluice_upload_api;

-- upload-api: users and what belongs to them; jobs are born and erased here.
GRANT SELECT, INSERT, UPDATE, DELETE ON
    sluice.users, sluice.job_shares, sluice.revoked_tokens, sluice.jobs, sluice.outbox,
    sluice.mappings, sluice.idempotency_keys, sluice.previews, sluice.leases, sluice.erasures,
    sluice.replays, sluice.replay_letters
    TO sluice_upload_api;
GRANT SELECT, UPDATE, DELETE ON
    sluice.dead_letters, sluice.consumer_halts, sluice.parses, sluice.chunks,
    sluice.rejected_lines, sluice.rejected_rows, sluice.error_counts, sluice.job_failures,
    sluice.chunk_starts, sluice.undo_rows, sluice.replaced_rows
    TO sluice_upload_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON sluice.undos TO sluice_upload_api;

-- parser: its claims, and the letters of records that nobody can read.
GRANT SELECT, INSERT, UPDATE ON sluice.parses TO sluice_parser;
GRANT SELECT ON sluice.jobs, sluice.chunks, sluice.job_failures TO sluice_parser;
GRANT UPDATE (updated_at) ON sluice.jobs TO sluice_parser;  -- it locks the rows that it claims
GRANT SELECT, INSERT, UPDATE ON sluice.dead_letters TO sluice_parser;

-- writer: the ledger and what goes with it; of jobs it only reads.
GRANT SELECT ON sluice.jobs, sluice.parses TO sluice_writer;
GRANT SELECT, INSERT, UPDATE, DELETE ON
    sluice.chunks, sluice.chunk_starts, sluice.dead_letters, sluice.consumer_halts,
    sluice.rejected_lines, sluice.rejected_rows, sluice.error_counts, sluice.job_failures,
    sluice.undo_rows, sluice.replaced_rows, sluice.records
    TO sluice_writer;
GRANT SELECT, UPDATE ON sluice.undos TO sluice_writer;
GRANT USAGE, CREATE ON SCHEMA sluice_dry TO sluice_writer;

-- progress-gateway: the settler sets status and counters; the HTTP process reads, and knows users.
GRANT SELECT ON
    sluice.jobs, sluice.chunks, sluice.parses, sluice.dead_letters, sluice.job_failures,
    sluice.rejected_rows, sluice.undos, sluice.job_shares, sluice.revoked_tokens,
    sluice.consumer_halts
    TO sluice_progress_gateway;
GRANT UPDATE ON sluice.jobs, sluice.dead_letters, sluice.undos TO sluice_progress_gateway;
GRANT UPDATE (other_line, message) ON sluice.rejected_rows TO sluice_progress_gateway;
-- Users of an identity provider are recorded at first sight: with no role but the default one. The
-- hashes of passwords are for upload-api alone.
GRANT SELECT (user_id, username, role, disabled, issuer, subject, token_generation),
      INSERT (username, issuer, subject)
    ON sluice.users TO sluice_progress_gateway;
GRANT SELECT, INSERT, UPDATE, DELETE ON sluice.outbox, sluice.leases TO sluice_progress_gateway;

-- What the writer needs for a target: its table, which it also reads; the tables that foreign keys
-- tie to it, where it finds which rows a key refuses; the sequences of numbered columns.
CREATE OR REPLACE FUNCTION sluice.grant_target(target regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    family oid[] := ARRAY(SELECT target::oid
                          UNION SELECT relid FROM pg_partition_tree(target)
                          UNION SELECT relid FROM pg_partition_ancestors(target));
    name regclass;
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO sluice_writer', target);
    FOR name IN
        SELECT confrelid FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY (family)
        UNION
        SELECT conrelid FROM pg_constraint WHERE contype = 'f' AND confrelid = ANY (family)
    LOOP
        EXECUTE format('GRANT SELECT ON %s TO sluice_writer', name);
    END LOOP;
    FOR name IN
        SELECT s.oid
          FROM pg_depend AS d
          JOIN pg_class AS s ON s.oid = d.objid AND s.relkind = 'S'
         WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
           AND d.refobjid = target AND d.deptype = 'a'
    LOOP
        EXECUTE format('GRANT USAGE ON SEQUENCE %s TO sluice_writer', name);
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION sluice.grant_target(regclass) FROM PUBLIC;
