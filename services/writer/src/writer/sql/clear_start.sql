-- A record that was alone in hand has come to its end, or was put down on purpose.
DELETE FROM sluice.chunk_starts
 WHERE topic = %(topic)s AND partition = %(partition)s AND kafka_offset = %(kafka_offset)s
