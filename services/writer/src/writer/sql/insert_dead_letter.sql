-- What operators see of a record in a dead-letter topic.
INSERT INTO sluice.dead_letters
       (topic, partition, kafka_offset, original_topic, original_partition, original_offset,
        job_id, chunk_no, run, error_class, error_message, attempts, replay_count, size_bytes,
        state, state_reason, first_failed_at, last_failed_at)
VALUES (%(topic)s, %(partition)s, %(kafka_offset)s, %(original_topic)s, %(original_partition)s,
        %(original_offset)s, %(job_id)s, %(chunk_no)s, %(run)s, %(error_class)s,
        %(error_message)s, %(attempts)s, %(replay_count)s, %(size_bytes)s, %(state)s,
        %(state_reason)s, %(first_failed_at)s, %(last_failed_at)s)
    ON CONFLICT (topic, partition, kafka_offset) DO NOTHING
