-- Claims chunks: waits for another writer's claim of the same ones, and returns those to write.
-- In order of number, so that two writers never wait for each other. 'written' is final;
-- a dead chunk whose record could not be read has no hash and no counts until now.
INSERT INTO sluice.chunks AS held
       (job_id, chunk_no, outcome, run, rows, inserted, failed,
        first_line, last_line, covered_bytes, sha256)
SELECT %(job_id)s, c.chunk_no, 'written', %(run)s, c.rows, c.rows - c.failed, c.failed,
       c.first_line, c.last_line, c.covered_bytes, decode(c.sha256, 'hex')
  FROM unnest(%(chunk_no)s::int[], %(rows)s::int[], %(failed)s::int[], %(first_line)s::int[],
              %(last_line)s::int[], %(covered_bytes)s::bigint[], %(sha256)s::text[])
       AS c (chunk_no, rows, failed, first_line, last_line, covered_bytes, sha256)
 ORDER BY c.chunk_no
    ON CONFLICT (job_id, chunk_no) DO UPDATE
   SET outcome = 'written', run = excluded.run, rows = excluded.rows,
       first_line = excluded.first_line, last_line = excluded.last_line,
       covered_bytes = excluded.covered_bytes, sha256 = excluded.sha256,
       inserted = excluded.inserted, updated = 0, skipped = 0, failed = excluded.failed, code = NULL, xid = pg_current_xact_id(),
       finished_at = clock_timestamp()
 WHERE held.outcome <> 'written' AND held.sha256 IN (excluded.sha256, '')
RETURNING chunk_no
