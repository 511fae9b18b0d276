-- What the ledger has of a job so far, and how many of its newest outcomes are dead letters.
WITH newest AS (
    SELECT outcome, row_number() OVER (ORDER BY finished_at DESC, chunk_no DESC) AS place
      FROM sluice.chunks
     WHERE job_id = %(job_id)s
     ORDER BY finished_at DESC, chunk_no DESC
     LIMIT %(in_a_row)s
)
SELECT (SELECT count(*) FROM sluice.chunks WHERE job_id = %(job_id)s AND outcome = 'written'),
       (SELECT count(*) FROM sluice.chunks WHERE job_id = %(job_id)s AND outcome = 'dead'),
       coalesce((SELECT min(place) - 1 FROM newest WHERE outcome <> 'dead'),
                (SELECT count(*) FROM newest))
