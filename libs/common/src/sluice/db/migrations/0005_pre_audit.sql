-- An audit that can only grow, sealed in batches.
-- depends: 0003_pre_own_tables

-- `xid` orders rows so that a batch can be closed for good: below the oldest running transaction
-- nothing can appear any more, whereas a lower id may be committed after a higher one.
ALTER TABLE sluice.audit_log
    ADD COLUMN xid        xid8 NOT NULL DEFAULT pg_current_xact_id(),
    ADD COLUMN request_id uuid;
CREATE INDEX audit_log_by_xid ON sluice.audit_log (xid);
CREATE INDEX audit_log_by_job ON sluice.audit_log (job_id, audit_id) WHERE job_id IS NOT NULL;
CREATE INDEX audit_log_by_user ON sluice.audit_log (user_id, audit_id) WHERE user_id IS NOT NULL;

-- Each seal covers the rows with from_xid <= xid < to_xid and names its predecessor by its hash.
CREATE TABLE sluice.audit_seals (
    seal_no       bigint PRIMARY KEY,
    from_xid      xid8 NOT NULL,
    to_xid        xid8 NOT NULL,
    audit_ids     bigint[] NOT NULL,
    row_hashes    bytea NOT NULL,                 -- 32 bytes for each id, in the same order
    previous_hash bytea NOT NULL,
    seal_hash     bytea NOT NULL,
    sealed_at     timestamptz NOT NULL
);

-- Which seals have lost their rows to retention; the seals themselves stay, so the chain does.
CREATE TABLE sluice.audit_forgotten (
    through_seal bigint PRIMARY KEY REFERENCES sluice.audit_seals,
    rows         bigint NOT NULL,
    forgotten_by text NOT NULL DEFAULT session_user,
    forgotten_at timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION sluice.audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'audit_log'
       AND current_setting('sluice.audit_retention', true) = 'on'
       AND current_user = (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID)
    THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'the audit only grows: % of sluice.% is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON sluice.audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION sluice.audit_only_grows();
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON sluice.audit_seals
    FOR EACH STATEMENT EXECUTE FUNCTION sluice.audit_only_grows();
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON sluice.audit_forgotten
    FOR EACH STATEMENT EXECUTE FUNCTION sluice.audit_only_grows();
-- Also for sessions that replay a replication stream
ALTER TABLE sluice.audit_log ENABLE ALWAYS TRIGGER only_grows;
ALTER TABLE sluice.audit_seals ENABLE ALWAYS TRIGGER only_grows;
ALTER TABLE sluice.audit_forgotten ENABLE ALWAYS TRIGGER only_grows;

-- Retention: whole seals, never younger than 90 days, by nobody who was not given the right.
CREATE FUNCTION sluice.forget_audit(older_than interval) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    last sluice.audit_seals;
    deleted bigint;
BEGIN
    IF older_than < interval '90 days' THEN
        RAISE EXCEPTION 'the audit is kept for 90 days at least';
    END IF;
    SELECT * INTO last FROM sluice.audit_seals
     WHERE sealed_at < now() - older_than
       AND seal_no > (SELECT coalesce(max(through_seal), 0) FROM sluice.audit_forgotten)
     ORDER BY seal_no DESC LIMIT 1;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    PERFORM set_config('sluice.audit_retention', 'on', true);
    DELETE FROM sluice.audit_log WHERE xid < last.to_xid;
    GET DIAGNOSTICS deleted = ROW_COUNT;
    PERFORM set_config('sluice.audit_retention', 'off', true);
    INSERT INTO sluice.audit_forgotten (through_seal, rows) VALUES (last.seal_no, deleted);
    INSERT INTO sluice.audit_log (action, details)
    VALUES ('audit_forgotten', jsonb_build_object('throughSeal', last.seal_no, 'rows', deleted,
                                                  'by', session_user));
    RETURN deleted;
END $$;
REVOKE ALL ON FUNCTION sluice.forget_audit(interval) FROM PUBLIC;
