-- Every writer stands still until an operator lets them go on; a halt that stands stays as it is.
INSERT INTO sluice.consumer_halts AS held (consumer, reason)
VALUES (%(consumer)s, %(reason)s)
    ON CONFLICT (consumer) DO UPDATE
   SET reason = excluded.reason, halted_at = clock_timestamp(), resumed_at = NULL, resumed_by = NULL
 WHERE held.resumed_at IS NOT NULL
