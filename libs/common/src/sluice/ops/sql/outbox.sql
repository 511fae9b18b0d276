-- How much waits to be published, up to a bound, and for how long the oldest of it.
SELECT count(*), coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8
  FROM (SELECT created_at FROM sluice.outbox ORDER BY outbox_id LIMIT %(bound)s) AS waiting
