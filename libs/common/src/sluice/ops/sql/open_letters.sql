-- Dead letters that want an operator, by error class; most first.
SELECT error_class, count(*)
  FROM sluice.dead_letters
 WHERE state IN ('open', 'parked')
 GROUP BY error_class
 ORDER BY count(*) DESC, error_class
