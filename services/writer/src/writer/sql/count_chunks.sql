-- The counts of claimed chunks, where they are known only after the rows were written.
UPDATE sluice.chunks AS held
   SET inserted = c.inserted, updated = c.updated, skipped = c.skipped, failed = c.failed
  FROM unnest(%(chunk_no)s::int[], %(inserted)s::int[], %(updated)s::int[], %(skipped)s::int[],
              %(failed)s::int[])
       AS c (chunk_no, inserted, updated, skipped, failed)
 WHERE held.job_id = %(job_id)s AND held.chunk_no = c.chunk_no
