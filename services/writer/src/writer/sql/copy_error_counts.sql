-- How many errors of each kind the chunk has, also of those that are not kept; with its claim, so
-- that a chunk that comes again counts once.
COPY sluice.error_counts (job_id, chunk_no, column_letter, field, code, errors) FROM STDIN
