"""An import that failed by a dead letter, without the wait for four attempts of a broken writer."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import psycopg
from confluent_kafka import Consumer, Message, TopicPartition
from tests.letter_box import LetterBox

from sluice.events.rows_chunked import record_key
from sluice.kafka.topic_names import CHUNKS

if TYPE_CHECKING:
    from uuid import UUID

    from devstack import Stack

STUCK_S = 60.0
_FAIL = """
WITH emptied AS (DELETE FROM orders WHERE sluice_job = %(job)s),
     died AS (UPDATE sluice.chunks SET outcome = 'dead', inserted = 0, code = 'UNEXPECTED'
               WHERE job_id = %(job)s)
UPDATE sluice.jobs
   SET status = 'failed', inserted_rows = 0, unprocessed_rows = total_rows,
       failure_code = 'CHUNKS_DEAD', failure_message = 'a chunk could not be written'
 WHERE job_id = %(job)s
"""


def fail_by_a_letter(stack: Stack, job: UUID) -> None:
    """Make of a completed import of one chunk what a failed one is; its record is a letter."""
    record = _record_of(stack.kafka_bootstrap, record_key(job, 0))
    with psycopg.connect(stack.database_url) as conn:
        conn.execute(_FAIL, {"job": job})
    with closing(LetterBox(stack.kafka_bootstrap, stack.database_url)) as box:
        value, headers = record.value(), list[Any](record.headers() or [])
        assert value is not None
        box.dead_record(
            record.key(), value, headers, job_id=job, chunk_no=0, error_class="UNEXPECTED"
        )


def _record_of(bootstrap: str, key: bytes) -> Message:
    """Return the record of a chunk."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "documents"})
    with closing(consumer):
        partitions = consumer.list_topics(CHUNKS, 30).topics[CHUNKS].partitions
        consumer.assign([TopicPartition(CHUNKS, number, 0) for number in partitions])
        until_s = time.monotonic() + STUCK_S
        while time.monotonic() < until_s:
            message = consumer.poll(0.5)
            if message is not None and message.error() is None and message.key() == key:
                return message
    raise AssertionError("the chunk is in no partition")
