-- Users of a company's own identity provider, and tokens that end before their time.
-- depends: 0003_pre_own_tables

-- A provider's user is known by issuer and subject, never by name; their row is made at first
-- sight. A token of ours carries its user's generation: a new one ends all tokens before it.
ALTER TABLE sluice.users
    ADD COLUMN issuer           text,
    ADD COLUMN subject          text,
    ADD COLUMN token_generation integer NOT NULL DEFAULT 0,
    ADD CONSTRAINT users_provider CHECK ((issuer IS NULL) = (subject IS NULL)),
    ADD CONSTRAINT users_by_subject UNIQUE (issuer, subject);

-- Tokens that were signed out, by their hash; they go when they would have expired.
CREATE TABLE sluice.revoked_tokens (
    token_sha256 bytea PRIMARY KEY,
    expires_at   timestamptz NOT NULL
);

CREATE INDEX job_shares_of_user ON sluice.job_shares (user_id);

-- What a user may do with a job: 0 nothing, 1 view, 2 control, 3 own. In one place, so that every
-- statement that finds a job can ask it.
CREATE FUNCTION sluice.right_on_job(job sluice.jobs, asking uuid, role text) RETURNS integer
LANGUAGE sql STABLE AS $$
    SELECT CASE
             WHEN job.owner_id = asking OR role = 'admin' THEN 3
             ELSE greatest(
                 CASE WHEN job.is_public OR role = 'operator' THEN 1 ELSE 0 END,
                 coalesce((SELECT CASE s.permission WHEN 'control' THEN 2 ELSE 1 END
                             FROM sluice.job_shares s
                            WHERE s.job_id = job.job_id AND s.user_id = asking
                              AND (s.expires_at IS NULL OR s.expires_at > now())), 0))
           END
$$;
