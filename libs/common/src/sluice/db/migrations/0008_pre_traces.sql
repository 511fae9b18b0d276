-- Whose trace a job's spans belong to.
-- depends: 0007_pre_batch_seconds

-- The W3C traceparent of the upload; NULL where nobody traces.
ALTER TABLE sluice.jobs ADD COLUMN traceparent text;
