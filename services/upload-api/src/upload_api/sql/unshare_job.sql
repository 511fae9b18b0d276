DELETE FROM sluice.job_shares s USING sluice.jobs j
 WHERE s.job_id = %(job_id)s AND s.user_id = %(sharee)s AND j.job_id = s.job_id
   AND sluice.right_on_job(j, %(asking)s, %(role)s) = 3
