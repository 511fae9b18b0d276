-- The settler owns status and counters from here on; the total is the head's estimate until then.
INSERT INTO sluice.jobs (
    job_id, owner_id, target, target_definition, mode, layout, file_name, file_url,
    file_size_bytes, file_sha256, total_rows, created_at, updated_at)
VALUES (
    %(job_id)s, %(owner_id)s, %(target)s, %(target_definition)s, %(mode)s, %(layout)s,
    %(file_name)s, %(file_url)s, %(file_size_bytes)s, %(file_sha256)s, %(total_rows)s,
    %(now)s, %(now)s)
