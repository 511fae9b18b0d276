-- After their time keys are free, and claims of dead processes long before.
DELETE FROM sluice.idempotency_keys WHERE taken_at < now() - %(kept)s
