SELECT d.dead_letter_id, d.topic, d.partition, d.kafka_offset AS offset, d.original_topic,
       d.job_id, d.chunk_no, d.state, d.replay_count
  FROM sluice.replay_letters l JOIN sluice.dead_letters d USING (dead_letter_id)
 WHERE l.replay_id = %(replay_id)s AND l.outcome = 'waiting'
 ORDER BY dead_letter_id LIMIT %(limit)s
