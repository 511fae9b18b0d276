-- Dead letters and their replays, counted starts, halted consumers.
-- depends: 0001_pre_the_road

-- One row for each record in a dead-letter topic: what operators list, filter and replay.
CREATE TABLE sluice.dead_letters (
    dead_letter_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic              text NOT NULL,          -- of the dead letter
    partition          integer NOT NULL,
    kafka_offset       bigint NOT NULL,
    original_topic     text NOT NULL,
    original_partition integer NOT NULL,
    original_offset    bigint NOT NULL,
    job_id             uuid,                   -- NULL: the record's key cannot be read
    chunk_no           integer,
    run                integer,
    error_class        text NOT NULL,          -- stable: filters and histograms go by it
    error_message      text NOT NULL,          -- never a cell's value
    attempts           integer NOT NULL,
    replay_count       integer NOT NULL DEFAULT 0,
    size_bytes         integer NOT NULL,
    state              text NOT NULL DEFAULT 'open' CHECK (state IN (
                           'open',             -- wants an operator
                           'replaying',        -- sent again, or its job is retried
                           'replaced',         -- failed again: a newer dead letter has the chunk
                           'healed',           -- its chunk is written
                           'discarded',        -- an operator gave it up, with a reason
                           'parked')),         -- replayed too often
    state_reason       text,
    first_failed_at    timestamptz NOT NULL,
    last_failed_at     timestamptz NOT NULL,
    created_at         timestamptz NOT NULL DEFAULT now(),
    updated_at         timestamptz NOT NULL DEFAULT now(),
    UNIQUE (topic, partition, kafka_offset)
);
CREATE INDEX dead_letters_of_job ON sluice.dead_letters (job_id, chunk_no);
CREATE INDEX dead_letters_open ON sluice.dead_letters (created_at)
    WHERE state IN ('open', 'replaying', 'parked');

-- Records that a careful writer marked before it took them alone in hand (by position, so that
-- a record which kills its reader before it is decoded is counted as well).
CREATE TABLE sluice.chunk_starts (
    topic        text NOT NULL,
    partition    integer NOT NULL,
    kafka_offset bigint NOT NULL,
    starts       integer NOT NULL DEFAULT 1,
    started_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, partition, kafka_offset)
);

-- A consumer that stands still until an operator lets it go on.
CREATE TABLE sluice.consumer_halts (
    consumer   text PRIMARY KEY,               -- 'writer'
    reason     text NOT NULL,
    halted_at  timestamptz NOT NULL DEFAULT now(),
    resumed_at timestamptz,                    -- NULL: it stands
    resumed_by uuid
);

-- A replay that an operator asked for: its letters are chosen once, sent at a rate, resumable.
CREATE TABLE sluice.replays (
    replay_id    uuid PRIMARY KEY,
    requested_by uuid NOT NULL REFERENCES sluice.users,
    requested_at timestamptz NOT NULL DEFAULT now(),
    selection    jsonb NOT NULL,               -- the filter as it was asked
    rate_per_s   real NOT NULL,
    next_at      timestamptz NOT NULL DEFAULT now(),  -- keeps the rate, whichever process sends
    state        text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done')),
    finished_at  timestamptz
);
CREATE TABLE sluice.replay_letters (
    replay_id      uuid NOT NULL REFERENCES sluice.replays ON DELETE CASCADE,
    dead_letter_id bigint NOT NULL REFERENCES sluice.dead_letters,
    outcome        text NOT NULL DEFAULT 'waiting' CHECK (outcome IN (
                       'waiting', 'sent', 'already_written', 'refused', 'lost', 'parked')),
    reason         text,
    PRIMARY KEY (replay_id, dead_letter_id)
);
CREATE INDEX replay_letters_waiting ON sluice.replay_letters (replay_id, dead_letter_id)
    WHERE outcome = 'waiting';

-- The newest run that job-started was stated of.
ALTER TABLE sluice.jobs ADD COLUMN started_run integer NOT NULL DEFAULT 0;
