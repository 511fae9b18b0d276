-- For all open streams at once, in their order. Without a job: the stream of one's own jobs.
SELECT CASE
         WHEN u.user_id IS NULL OR u.disabled
              OR u.token_generation <> coalesce(v.generation, u.token_generation)
              OR EXISTS (SELECT FROM sluice.revoked_tokens r WHERE r.token_sha256 = v.token) THEN 0
         WHEN v.job IS NULL THEN 3
         WHEN j.job_id IS NULL THEN 0
         ELSE sluice.right_on_job(j, u.user_id, u.role)
       END
  FROM unnest(%(users)s::uuid[], %(jobs)s::uuid[], %(tokens)s::bytea[], %(generations)s::int[])
       WITH ORDINALITY v (user_id, job, token, generation, place)
  LEFT JOIN sluice.users u ON u.user_id = v.user_id
  LEFT JOIN sluice.jobs j ON j.job_id = v.job
 ORDER BY v.place
