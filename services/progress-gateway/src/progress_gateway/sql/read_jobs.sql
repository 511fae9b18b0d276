SELECT j.job_id, j.run, j.started_run, j.control_seq, j.status, j.desired, j.version, j.target, j.file_name,
       coalesce((j.layout ->> 'estimatedRows')::bigint, j.total_rows) AS estimated_rows,
       j.failure_code AS settled_code, j.failure_message AS settled_message,
       extract(epoch FROM j.finished_at - j.created_at)::float8 AS elapsed_s,
       extract(epoch FROM clock_timestamp() - j.created_at)::float8 AS age_s, j.traceparent,
       p.run AS parse_run, p.epoch, p.bytes_total,
       p.total_rows AS manifest_rows, p.total_chunks AS manifest_chunks,
       p.failure_code AS parsing_code, p.failure_message AS parsing_message,
       f.code AS writing_code, f.message AS writing_message,
       c.written_chunks, c.dead_chunks, c.inserted, c.updated, c.skipped, c.failed,
       c.covered_bytes, j.dry_run, j.correction_of, h.healings,
       coalesce(h.is_in_correction, false) AS is_in_correction,
       u.state AS undo_state, u.batches AS undo_batches, u.total AS undo_total,
       u.reversed AS undo_reversed, u.kept AS undo_kept, u.refused AS undo_refused
  FROM sluice.jobs j
  LEFT JOIN sluice.parses p ON p.job_id = j.job_id
  LEFT JOIN sluice.job_failures f ON f.job_id = j.job_id AND f.run = j.run
 CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE outcome = 'written') AS written_chunks,
              count(*) FILTER (WHERE outcome = 'dead') AS dead_chunks,
              coalesce(sum(inserted) FILTER (WHERE outcome = 'written'), 0)::bigint AS inserted,
              coalesce(sum(updated) FILTER (WHERE outcome = 'written'), 0)::bigint AS updated,
              coalesce(sum(skipped) FILTER (WHERE outcome = 'written'), 0)::bigint AS skipped,
              coalesce(sum(failed) FILTER (WHERE outcome = 'written'), 0)::bigint AS failed,
              coalesce(sum(covered_bytes) FILTER (WHERE outcome = 'written'), 0)::bigint
                AS covered_bytes
         FROM sluice.chunks
        WHERE chunks.job_id = j.job_id
       ) c
  LEFT JOIN sluice.undos u ON u.job_id = j.job_id
  -- What corrections wrote counts by their own ledgers
  LEFT JOIN LATERAL (
       SELECT jsonb_object_agg(k.job_id, jsonb_build_object(
                'inserted', s.inserted, 'updated', s.updated, 'skipped', s.skipped)) AS healings,
              bool_or(k.status IN ('pending', 'processing', 'retrying', 'paused'))
                AS is_in_correction
         FROM sluice.jobs k
        CROSS JOIN LATERAL (
              SELECT coalesce(sum(inserted), 0) AS inserted,
                     coalesce(sum(updated), 0) AS updated,
                     coalesce(sum(skipped), 0) AS skipped
                FROM sluice.chunks
               WHERE chunks.job_id = k.job_id AND outcome = 'written'
              ) s
        WHERE k.correction_of = j.job_id
       ) h ON true
 WHERE j.job_id = ANY(%(jobs)s)
 ORDER BY j.created_at, j.job_id
