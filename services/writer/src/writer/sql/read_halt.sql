-- Why the writers stand still; no row: they do not.
SELECT reason FROM sluice.consumer_halts WHERE consumer = %(consumer)s AND resumed_at IS NULL
