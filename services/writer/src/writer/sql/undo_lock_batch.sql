-- Locks the batch: whoever wants to refer to one of its rows waits, or has committed and is seen.
SELECT count(*)
  FROM (SELECT
          FROM {table} AS t
         WHERE t.ctid = ANY (ARRAY(SELECT row_tid FROM undo_batch)) AND t.sluice_job = %(job_id)s
           FOR UPDATE) AS locked
