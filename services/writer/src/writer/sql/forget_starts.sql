-- Marks that count no more: of records behind us, of older days, of an owner that took its leave.
DELETE FROM sluice.chunk_starts
 WHERE topic = %(topic)s AND partition = %(partition)s
   AND (%(all)s OR kafka_offset < %(from_offset)s OR started_at < now() - interval '3 days')
