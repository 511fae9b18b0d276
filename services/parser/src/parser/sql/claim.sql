-- Take the lease: a new epoch, which counts as an attempt only after an unclean end without growth.
-- The version of the chunker and the rows of a chunk stay those of the first parse; one that was
-- begun before its rows were kept goes on with those that its version has here.
INSERT INTO sluice.parses AS p
       (job_id, run, control_seq, worker, lease_until, ledger_at_claim, chunker_version,
        chunk_rows)
VALUES (%(job_id)s, %(run)s, %(control_seq)s, %(worker)s,
        now() + make_interval(secs => %(lease_s)s),
        (SELECT count(*) FROM sluice.chunks c
          WHERE c.job_id = %(job_id)s AND c.outcome = 'written'),
        %(chunker_version)s, (%(rows_by_version)s::jsonb ->> %(chunker_version)s::text)::integer)
ON CONFLICT (job_id) DO UPDATE
   SET epoch = p.epoch + 1,
       attempts = CASE
           WHEN (p.run, p.control_seq) = (excluded.run, excluded.control_seq)
                AND p.ended_at IS NULL AND p.worker IS NOT NULL
                AND excluded.ledger_at_claim <= p.ledger_at_claim
           THEN p.attempts + 1 ELSE 0 END,
       run = excluded.run,
       control_seq = excluded.control_seq,
       worker = excluded.worker,
       lease_until = excluded.lease_until,
       ledger_at_claim = excluded.ledger_at_claim,
       chunk_rows = coalesce(
           p.chunk_rows, (%(rows_by_version)s::jsonb ->> p.chunker_version::text)::integer),
       failure_code = NULL,
       failure_message = NULL,
       ended_at = NULL
RETURNING p.epoch, p.attempts, p.total_chunks IS NOT NULL, p.chunker_version, p.chunk_rows
