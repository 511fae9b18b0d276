-- Dead letters that wait for an operator or came within a day: by class, state and age in hours.
SELECT error_class, state, floor(extract(epoch FROM now() - created_at) / 3600)::int, count(*)
  FROM sluice.dead_letters
 WHERE state IN ('open', 'parked') OR created_at > now() - interval '24 hours'
 GROUP BY 1, 2, 3
