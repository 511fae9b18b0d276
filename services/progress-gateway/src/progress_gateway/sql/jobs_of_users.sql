-- The jobs of many streams in one look: what may be shown is found once, then who may see it.
WITH asked AS (
     SELECT user_id, scope FROM unnest(%(users)s::uuid[], %(scopes)s::text[]) AS a (user_id, scope)
), live AS MATERIALIZED (
     SELECT j.job_id, j.owner_id, j.created_at,
            j.status IN ('pending', 'processing', 'retrying', 'paused') AS is_unfinished
       FROM sluice.jobs j
      WHERE j.status IN ('pending', 'processing', 'retrying', 'paused')
         OR j.updated_at > now() - interval '15 minutes'
         OR EXISTS (SELECT FROM sluice.undos u WHERE u.job_id = j.job_id AND NOT u.settled)
), seen AS (
     SELECT a.user_id, a.scope, l.job_id, l.is_unfinished, l.created_at
       FROM asked a JOIN live l ON l.owner_id = a.user_id
      UNION
     SELECT a.user_id, a.scope, l.job_id, l.is_unfinished, l.created_at
       FROM asked a
       JOIN sluice.job_shares s ON s.user_id = a.user_id
        AND (s.expires_at IS NULL OR s.expires_at > now())
       JOIN live l ON l.job_id = s.job_id
      WHERE a.scope = 'visible'
      UNION
     SELECT a.user_id, a.scope, l.job_id, l.is_unfinished, l.created_at
       FROM asked a
       JOIN sluice.users u ON u.user_id = a.user_id
        AND u.role IN ('operator', 'admin') AND NOT u.disabled
      CROSS JOIN live l
      WHERE a.scope = 'all'
)
SELECT user_id, scope,
       (array_agg(job_id::text ORDER BY is_unfinished DESC, created_at DESC, job_id))[:200]
  FROM seen
 GROUP BY user_id, scope
