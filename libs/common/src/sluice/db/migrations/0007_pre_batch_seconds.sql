-- How long a chunk was in its transaction; NULL: written before this was measured, or dead.
-- depends: 0006_pre_stopped_sessions

ALTER TABLE sluice.chunks ADD COLUMN write_s real;
