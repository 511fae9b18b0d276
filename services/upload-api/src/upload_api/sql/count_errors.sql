-- All errors that were found, by kind: also those beyond what is kept.
SELECT column_letter, field, code, sum(errors)::bigint AS errors
  FROM sluice.error_counts WHERE job_id = %(job_id)s
 GROUP BY column_letter, field, code ORDER BY 4 DESC, 1, 3
