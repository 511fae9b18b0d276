-- A chunk's end among the dead letters; no row back: it has an outcome already.
INSERT INTO sluice.chunks
       (job_id, chunk_no, outcome, run, rows, first_line, last_line, covered_bytes, sha256, code)
VALUES (%(job_id)s, %(chunk_no)s, 'dead', %(run)s, %(rows)s, %(first_line)s, %(last_line)s,
        %(covered_bytes)s, decode(%(sha256)s, 'hex'), %(code)s)
    ON CONFLICT (job_id, chunk_no) DO NOTHING
RETURNING chunk_no
