-- Ended roots whose days are over, or beyond what is kept of an owner's completed or other ones.
WITH roots AS (
    SELECT j.job_id, j.owner_id, j.status IN ('completed', 'undone') AS is_done,
           greatest(coalesce(j.finished_at, j.updated_at),
                    max(coalesce(c.finished_at, c.updated_at))) AS ended_at
      FROM sluice.jobs j LEFT JOIN sluice.jobs c ON c.correction_of = j.job_id
     WHERE j.correction_of IS NULL
       AND j.status NOT IN ('pending', 'processing', 'retrying', 'paused')
     GROUP BY j.job_id
    HAVING coalesce(bool_and(
               c.status NOT IN ('pending', 'processing', 'retrying', 'paused')), true)),
ranked AS (
    SELECT *, row_number() OVER (
                  PARTITION BY owner_id, is_done ORDER BY ended_at DESC, job_id) AS place
      FROM roots)
SELECT job_id FROM ranked
 WHERE ended_at < %(ended_before)s
    OR place > CASE WHEN is_done THEN %(keep_completed)s::bigint ELSE %(keep_failed)s::bigint END
 ORDER BY ended_at LIMIT 100
