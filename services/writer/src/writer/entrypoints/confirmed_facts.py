"""Facts on their way to the brokers, and the records that are finished once they are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from sluice.errors import Outage
from sluice.failpoints import failpoint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sluice.events import Record
    from sluice.kafka.loop import RecordFeed
    from sluice.kafka.partitions import Claim
    from sluice.kafka.producer import RecordProducer

log = structlog.get_logger(__name__)

COMMITTED_TOGETHER = 12
"""So many records, of some four transactions, share a commit while more follow: to the brokers each
is a record in their log. An end without leave brings so many more of them again."""


class ConfirmedFacts:
    """Offsets follow facts: a record is finished when all that is to be said of it is confirmed."""

    def __init__(self, producer: RecordProducer, feed: RecordFeed) -> None:
        self._producer = producer
        self._feed = feed
        self._unconfirmed: list[Record] = []
        self._done_when_confirmed: list[Claim] = []
        self._resend = False
        self._uncommitted = 0

    def add(self, records: Iterable[Record], claims: Iterable[Claim]) -> None:
        """Queue what is to be said of some records; a failure shows again in `flush`."""
        records = list(records)
        self._unconfirmed += records
        self._done_when_confirmed += claims
        try:
            self._producer.send_all(records)
        except Outage as error:
            log.warning("facts wait", reason=error.reason)
            self._resend = True

    def say(self, record: Record) -> None:
        """Queue a soft fact: nobody minds if it is lost."""
        try:
            self._producer.send(record)
            self._producer.poll()
        except Outage:
            self._resend = True  # what failed may have been a fact that counts

    def place(self, record: Record) -> tuple[int, int]:
        """Produce one record and return its (partition, offset).

        Raises:
            Outage: the brokers did not confirm it; placed again, it may be there twice.
        """
        try:
            return self._producer.place(
                record.topic, record.key, record.value, list(record.headers)
            )
        except Outage:
            self._resend = True
            raise

    def flush(self, within_s: float) -> None:
        """Wait until the brokers have every fact.

        Raises:
            Outage: they do not have them yet.
        """
        if self._resend:
            self._producer.send_all(self._unconfirmed)
            self._resend = False
        try:
            confirmed = self._producer.flush(within_s)
        except Outage:
            self._resend = True
            raise
        if not confirmed:
            raise Outage("kafka", f"facts are unconfirmed after {within_s} s")

    def are_confirmed(self) -> bool:
        """Tell, without waiting, whether the brokers have every fact."""
        if self._resend:
            return False
        try:
            return self._producer.flush(0)
        except Outage:
            self._resend = True
            return False

    def settle(self, *, more_follow: bool = False) -> None:
        """Finish the records that the confirmed facts tell of, and commit their offsets.

        Args:
            more_follow: few records wait for others, to be committed together.
        """
        failpoint("writer.after_event")
        self._feed.finish(self._done_when_confirmed)
        self._uncommitted += len(self._done_when_confirmed)
        self._unconfirmed, self._done_when_confirmed = [], []
        if not more_follow or self._uncommitted >= COMMITTED_TOGETHER:
            self._feed.commit()
            self._uncommitted = 0
