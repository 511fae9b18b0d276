-- How many rows the chunks of a job have at most: what its parser's setting said when it was begun.
-- depends: 0008_pre_traces

-- NULL of a parse that was begun before this was kept, until it is claimed again.
ALTER TABLE sluice.parses ADD COLUMN chunk_rows integer CHECK (chunk_rows > 0);
