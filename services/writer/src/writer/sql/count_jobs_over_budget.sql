-- How many jobs spent their budget lately, and since an operator let the writers go on.
SELECT count(DISTINCT f.job_id)
  FROM sluice.job_failures f
 WHERE f.code = %(code)s
   AND f.failed_at > clock_timestamp() - %(within_s)s * interval '1 second'
   AND f.failed_at > coalesce((SELECT resumed_at FROM sluice.consumer_halts
                                WHERE consumer = %(consumer)s), '-infinity')
