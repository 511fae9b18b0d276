-- Consumers that stand still until an operator lets them go on.
SELECT consumer, reason FROM sluice.consumer_halts WHERE resumed_at IS NULL ORDER BY consumer
