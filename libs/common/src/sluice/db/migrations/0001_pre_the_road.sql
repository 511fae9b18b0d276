-- The tables of the road: users, jobs, parses, the ledger, rejected rows, the outbox.
-- depends:

CREATE SCHEMA IF NOT EXISTS sluice;

CREATE TABLE sluice.users (
    user_id       uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    username      text NOT NULL UNIQUE CHECK (username <> ''),
    password_hash text,                     -- argon2id; NULL: no password login
    role          text NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'operator', 'admin')),
    disabled      boolean NOT NULL DEFAULT false,
    created_at    timestamptz NOT NULL DEFAULT now()
);

-- upload-api inserts a job and sets desired, run and control_seq; the settler alone updates
-- status, version, counters, failure and the times.
CREATE TABLE sluice.jobs (
    job_id            uuid PRIMARY KEY,
    owner_id          uuid NOT NULL REFERENCES sluice.users,
    is_public         boolean NOT NULL DEFAULT false,
    target            text NOT NULL,
    target_definition jsonb NOT NULL,       -- the definition as it was when the job was made
    mode              text NOT NULL CHECK (mode IN ('insert', 'upsert', 'skip_existing')),
    layout            jsonb NOT NULL,       -- sheet, header line, which sheet column feeds which field
    file_name         text NOT NULL,
    file_url          text NOT NULL,
    file_size_bytes   bigint NOT NULL,
    file_sha256       bytea NOT NULL,
    status            text NOT NULL DEFAULT 'pending' CHECK (status IN (
                          'pending', 'processing', 'retrying', 'paused', 'completed',
                          'completed_with_errors', 'failed', 'cancelled')),
    desired           text NOT NULL DEFAULT 'run' CHECK (desired IN ('run', 'pause', 'cancel')),
    run               integer NOT NULL DEFAULT 1,
    control_seq       integer NOT NULL DEFAULT 0,
    version           bigint NOT NULL DEFAULT 0,
    total_rows        bigint NOT NULL DEFAULT 0,
    total_is_estimate boolean NOT NULL DEFAULT true,
    inserted_rows     bigint NOT NULL DEFAULT 0,
    updated_rows      bigint NOT NULL DEFAULT 0,
    skipped_rows      bigint NOT NULL DEFAULT 0,
    failed_rows       bigint NOT NULL DEFAULT 0,
    unprocessed_rows  bigint NOT NULL DEFAULT 0,
    finished_chunks   integer NOT NULL DEFAULT 0,
    failure_code      text,
    failure_message   text,
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),
    started_at        timestamptz,
    finished_at       timestamptz
);
CREATE INDEX jobs_of_owner ON sluice.jobs (owner_id, created_at DESC, job_id);
CREATE INDEX jobs_unfinished ON sluice.jobs (created_at)
    WHERE status IN ('pending', 'processing', 'retrying', 'paused');

CREATE TABLE sluice.job_shares (
    job_id     uuid NOT NULL REFERENCES sluice.jobs ON DELETE CASCADE,
    user_id    uuid NOT NULL REFERENCES sluice.users ON DELETE CASCADE,
    permission text NOT NULL CHECK (permission IN ('view', 'control')),
    shared_by  uuid NOT NULL REFERENCES sluice.users,
    shared_at  timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    PRIMARY KEY (job_id, user_id)
);

-- The parser alone writes here: its claim (lease, epoch) and, at the end, the manifest or
-- the failure. A claim belongs to the (run, control_seq) it was made under.
CREATE TABLE sluice.parses (
    job_id          uuid PRIMARY KEY REFERENCES sluice.jobs ON DELETE CASCADE,
    run             integer NOT NULL,
    control_seq     integer NOT NULL,
    epoch           integer NOT NULL DEFAULT 1,
    worker          text,
    lease_until     timestamptz,
    attempts        integer NOT NULL DEFAULT 0,   -- unclean ends in a row without ledger growth
    ledger_at_claim integer NOT NULL DEFAULT 0,   -- written chunks when the claim was made
    not_before      timestamptz NOT NULL DEFAULT now(),
    chunker_version integer NOT NULL,
    bytes_total     bigint,                       -- inflated size of the sheet
    total_rows      bigint,                       -- the manifest: both or neither
    total_chunks    integer,
    failure_code    text,
    failure_message text,
    ended_at        timestamptz,                  -- manifest or failure is known
    CHECK ((total_rows IS NULL) = (total_chunks IS NULL))
);

-- The ledger: one row for each chunk that reached an outcome. 'written' is final.
CREATE TABLE sluice.chunks (
    job_id        uuid NOT NULL,
    chunk_no      integer NOT NULL,
    outcome       text NOT NULL CHECK (outcome IN ('written', 'dead')),
    run           integer NOT NULL,
    rows          integer NOT NULL,
    inserted      integer NOT NULL DEFAULT 0,
    updated       integer NOT NULL DEFAULT 0,
    skipped       integer NOT NULL DEFAULT 0,
    failed        integer NOT NULL DEFAULT 0,
    first_line    integer NOT NULL,
    last_line     integer NOT NULL,
    covered_bytes bigint NOT NULL,                -- of the inflated sheet, for the percentage
    sha256        bytea NOT NULL,                 -- of the content, whatever its encoding
    code          text,                           -- of a dead chunk: why
    xid           xid8 NOT NULL DEFAULT pg_current_xact_id(),
    finished_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (job_id, chunk_no)
);

-- One row for each rejected line, always: what a correction claims.
CREATE TABLE sluice.rejected_lines (
    job_id     uuid NOT NULL,
    sheet_line integer NOT NULL,
    chunk_no   integer NOT NULL,
    healed_by  uuid,
    PRIMARY KEY (job_id, sheet_line)
);

-- One row for each error, with values, up to a setting.
CREATE TABLE sluice.rejected_rows (
    job_id        uuid NOT NULL,
    sheet_line    integer NOT NULL,
    error_no      smallint NOT NULL,              -- 0-based among the errors of one line
    chunk_no      integer NOT NULL,
    column_letter text,                           -- of the sheet; NULL: the row as a whole
    field         text,                           -- of the target
    code          text NOT NULL,
    message       text NOT NULL,
    value         text,
    other_line    integer,                        -- a duplicate's partner in the same file
    cells         jsonb,                          -- on error 0: the row's texts, in sheet order
    PRIMARY KEY (job_id, sheet_line, error_no)
);

-- Why a run of a job cannot go on: what the fact writing-failed rests on.
CREATE TABLE sluice.job_failures (
    job_id    uuid NOT NULL,
    run       integer NOT NULL,
    code      text NOT NULL,
    message   text NOT NULL,
    failed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (job_id, run)
);

-- What is to be published; rows go once the broker has them.
CREATE TABLE sluice.outbox (
    outbox_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job_id     uuid NOT NULL,
    topic      text NOT NULL,
    key        bytea NOT NULL,
    headers    jsonb NOT NULL,
    value      bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Who leads, by lease; all times are the database's.
CREATE TABLE sluice.leases (
    name        text PRIMARY KEY,
    worker      text NOT NULL,
    lease_until timestamptz NOT NULL
);

CREATE TABLE sluice.audit_log (
    audit_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT now(),
    action     text NOT NULL,
    user_id    uuid,
    job_id     uuid,
    ip         inet,
    user_agent text,
    details    jsonb NOT NULL DEFAULT '{}'
);

-- The built-in target: any sheet, one object a row.
CREATE TABLE sluice.records (
    sluice_job  uuid NOT NULL,
    sluice_line integer NOT NULL,
    data        jsonb NOT NULL,
    PRIMARY KEY (sluice_job, sluice_line)
);
