-- The service's own tables: what it has handled, and what it made of it, change together.
CREATE SCHEMA IF NOT EXISTS sales;

CREATE TABLE IF NOT EXISTS sales.handled_events (
    ce_id       text PRIMARY KEY,
    handled_at  timestamptz NOT NULL DEFAULT now()
);

-- The effect of chunk-written: how much of an import has arrived.
CREATE TABLE IF NOT EXISTS sales.arrivals (
    job_id   uuid PRIMARY KEY,
    chunks   integer NOT NULL,
    rows     bigint NOT NULL,
    rejected bigint NOT NULL
);

-- The effect of job-finished: the state of an import, as the newest of its ends says.
CREATE TABLE IF NOT EXISTS sales.imports (
    job_id        uuid PRIMARY KEY,
    run           integer NOT NULL,
    healed        bigint NOT NULL,
    is_undone     boolean NOT NULL,
    status        text NOT NULL,
    rows          bigint NOT NULL,
    correction_of uuid
);

-- Another effect of it: something that must not happen twice, such as a mail to be sent.
CREATE TABLE IF NOT EXISTS sales.messages (
    message_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ce_id      text NOT NULL,
    text       text NOT NULL
);
