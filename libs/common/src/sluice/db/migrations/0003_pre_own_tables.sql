-- Mappings, dry runs, corrections, undo, idempotency keys, retention.
-- depends: 0002_pre_failures

-- A correction is a job of its own that writes rejected lines of its root: `correction_of` is
-- always the root, never another correction. Counters of a root are sums over the ledgers of
-- root and corrections; `undone_rows` is what an undo took back.
ALTER TABLE sluice.jobs
    ADD COLUMN dry_run           boolean NOT NULL DEFAULT false,
    ADD COLUMN correction_of     uuid REFERENCES sluice.jobs ON DELETE CASCADE,
    ADD COLUMN mapping_name      text,            -- the saved mapping that was used
    ADD COLUMN mapping_version   integer,
    ADD COLUMN max_error_percent real,            -- the breaker; NULL: off
    ADD COLUMN healed_rows       bigint NOT NULL DEFAULT 0,
    ADD COLUMN undone_rows       bigint NOT NULL DEFAULT 0;
-- A dry run of a correction could only guess what the root's lines become.
ALTER TABLE sluice.jobs ADD CONSTRAINT jobs_correction_writes CHECK (
    NOT (dry_run AND correction_of IS NOT NULL));
ALTER TABLE sluice.jobs DROP CONSTRAINT jobs_status_check;
ALTER TABLE sluice.jobs ADD CONSTRAINT jobs_status_check CHECK (status IN (
    'pending', 'processing', 'retrying', 'paused', 'completed',
    'completed_with_errors', 'failed', 'cancelled', 'undone'));
CREATE INDEX jobs_corrections ON sluice.jobs (correction_of) WHERE correction_of IS NOT NULL;
CREATE INDEX jobs_by_content ON sluice.jobs (owner_id, file_sha256);

-- In a correction: the line of the root that a line of the corrected file claims.
ALTER TABLE sluice.rejected_rows ADD COLUMN root_line integer;
-- The first rows of each kind of error, for the summary.
CREATE INDEX rejected_rows_by_kind ON sluice.rejected_rows (job_id, code, column_letter, sheet_line);
CREATE INDEX rejected_lines_open ON sluice.rejected_lines (job_id, sheet_line)
    WHERE healed_by IS NULL;

-- All errors are counted, also those beyond what is stored with values: by chunk, so that a
-- chunk that comes again counts once.
CREATE TABLE sluice.error_counts (
    job_id        uuid NOT NULL,
    chunk_no      integer NOT NULL,
    column_letter text NOT NULL DEFAULT '',       -- '': the row as a whole
    field         text NOT NULL DEFAULT '',
    code          text NOT NULL,
    errors        integer NOT NULL,
    PRIMARY KEY (job_id, chunk_no, column_letter, field, code)
);

-- The unlogged twins of targets that dry runs write to; `dry_` and the job's id in hex.
CREATE SCHEMA IF NOT EXISTS sluice_dry;

-- What an upsert replaced, where its target keeps that (`keep_replaced: true`).
CREATE TABLE sluice.replaced_rows (
    job_id     uuid NOT NULL,                     -- the root
    sheet_line integer NOT NULL,
    row        jsonb NOT NULL,                    -- every column of the row as it was
    PRIMARY KEY (job_id, sheet_line)
);

-- One undo of one job: collected once, reversed in batches, taken over when its worker dies.
-- While it runs total = reversed + kept + refused + what waits in undo_rows.
CREATE TABLE sluice.undos (
    job_id       uuid PRIMARY KEY REFERENCES sluice.jobs ON DELETE CASCADE,
    state        text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done')),
    requested_by uuid NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT now(),
    collected    boolean NOT NULL DEFAULT false,  -- undo_rows is complete
    total        bigint NOT NULL DEFAULT 0,
    batches      integer NOT NULL DEFAULT 0,
    reversed     bigint NOT NULL DEFAULT 0,
    kept         bigint NOT NULL DEFAULT 0,       -- changed since by others
    refused      bigint NOT NULL DEFAULT 0,       -- a foreign key or the table's own rules hold them
    worker       text,
    lease_until  timestamptz,
    trouble      text,                            -- what it waits for, for people
    stated       boolean NOT NULL DEFAULT false,  -- the brokers have the fact of its end
    finished_at  timestamptz,
    settled      boolean NOT NULL DEFAULT false   -- the settler has ended the job as undone
);
CREATE INDEX undos_open ON sluice.undos (requested_at) WHERE NOT stated;
CREATE INDEX undos_unsettled ON sluice.undos (job_id) WHERE NOT settled;
-- Rows of a running undo that wait, and of an ended one those that stayed, with the reason. By
-- their place too: a copy of a row that somebody made has its job and line. No foreign key, whose
-- check of a million rows takes longer than to collect them.
CREATE TABLE sluice.undo_rows (
    job_id     uuid NOT NULL,
    sheet_line integer NOT NULL,
    row_table  oid NOT NULL,                      -- of partitions, the one that has the row
    row_tid    tid NOT NULL,
    row_key    jsonb,                             -- of rows that stayed: the key's values
    outcome    text CHECK (outcome IN ('kept', 'refused')),
    reason     text,
    PRIMARY KEY (job_id, sheet_line, row_table, row_tid)
);

-- A mapping by name, for one target; each save is a version.
CREATE TABLE sluice.mappings (
    owner_id         uuid NOT NULL REFERENCES sluice.users ON DELETE CASCADE,
    name             text NOT NULL CHECK (name <> ''),
    version          integer NOT NULL,
    target           text NOT NULL,
    columns          json NOT NULL,               -- header -> field, null: ignored; order kept
    header_signature bytea NOT NULL,              -- of the headers it was saved for
    headers          jsonb NOT NULL,
    saved_at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (owner_id, name, version)
);
CREATE INDEX mappings_by_signature ON sluice.mappings (owner_id, target, header_signature);

-- An upload's Idempotency-Key. Without a job the first upload with it is still on its way, as the job
-- `claim`; it renews `taken_at`, so that what a crash leaves is free again after a lease.
CREATE TABLE sluice.idempotency_keys (
    user_id      uuid NOT NULL REFERENCES sluice.users ON DELETE CASCADE,
    key          text NOT NULL,
    claim        uuid NOT NULL,
    fingerprint  bytea,                           -- of the content and the fields
    job_id       uuid REFERENCES sluice.jobs ON DELETE CASCADE,
    duplicate_of uuid,                            -- as it was answered
    taken_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, key),
    CHECK ((job_id IS NULL) = (fingerprint IS NULL))
);
CREATE INDEX idempotency_keys_of_job ON sluice.idempotency_keys (job_id) WHERE job_id IS NOT NULL;
CREATE INDEX idempotency_keys_by_age ON sluice.idempotency_keys (taken_at);

-- Files that a preview kept, so that they become jobs without a second upload; named by the
-- preview's id in the storage, and swept when their time is over.
CREATE TABLE sluice.previews (
    preview_id      uuid PRIMARY KEY,
    owner_id        uuid NOT NULL REFERENCES sluice.users ON DELETE CASCADE,
    file_name       text NOT NULL,
    file_url        text NOT NULL,
    file_size_bytes bigint NOT NULL,
    file_sha256     bytea NOT NULL,
    kept_at         timestamptz NOT NULL DEFAULT now(),
    expires_at      timestamptz NOT NULL
);
CREATE INDEX previews_of_owner ON sluice.previews (owner_id, kept_at);
CREATE INDEX previews_by_end ON sluice.previews (expires_at);

-- Retention: what is deleted of a job that stays.
ALTER TABLE sluice.jobs
    ADD COLUMN file_deleted_at   timestamptz,
    ADD COLUMN errors_deleted_at timestamptz;
-- Erased jobs of which something may be left: rows of the large tables, the file, keys in Redis.
CREATE TABLE sluice.erasures (
    job_id    uuid PRIMARY KEY,
    file_url  text NOT NULL,
    erased_at timestamptz NOT NULL DEFAULT now()
);
-- Whoever deletes a dead letter looks for what refers to it.
CREATE INDEX replay_letters_of_letter ON sluice.replay_letters (dead_letter_id);
