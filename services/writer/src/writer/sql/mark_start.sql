-- A record is taken alone in hand; how often that was begun and not ended, this time included.
INSERT INTO sluice.chunk_starts AS held (topic, partition, kafka_offset)
VALUES (%(topic)s, %(partition)s, %(kafka_offset)s)
    ON CONFLICT (topic, partition, kafka_offset) DO UPDATE
   SET starts = held.starts + 1, started_at = now()
RETURNING starts
