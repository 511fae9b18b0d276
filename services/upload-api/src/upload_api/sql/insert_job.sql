-- The settler owns status and counters from here on; the total is the head's estimate until then.
INSERT INTO sluice.jobs (
    job_id, owner_id, target, target_definition, mode, layout, file_name, file_url,
    file_size_bytes, file_sha256, total_rows, dry_run, correction_of, mapping_name,
    mapping_version, max_error_percent, traceparent, created_at, updated_at)
VALUES (
    %(job_id)s, %(owner_id)s, %(target)s, %(target_definition)s, %(mode)s, %(layout)s,
    %(file_name)s, %(file_url)s, %(file_size_bytes)s, %(file_sha256)s, %(total_rows)s,
    %(dry_run)s, %(correction_of)s, %(mapping_name)s, %(mapping_version)s,
    %(max_error_percent)s, %(traceparent)s, %(now)s, %(now)s)
