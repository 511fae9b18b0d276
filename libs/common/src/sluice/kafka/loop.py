"""A consumer that keeps its book: fetch, finish, commit; rest and stay a member meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from sluice.kafka.client_log import client_logger
from sluice.kafka.consumer_config import consumer_config
from sluice.kafka.partitions import Claim, PartitionId, Partitions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from confluent_kafka import Message

    from sluice.settings import KafkaSettings

log = structlog.get_logger(__name__)

T = TypeVar("T")

CLEAN = "clean"
"""Metadata of a commit whose process took leave: the next owner need not be careful."""


COMMITTED_TIMEOUT_S = 5.0


class Fetched(NamedTuple):
    """A record in hand, with the claim that `finish` asks for."""

    claim: Claim
    message: Message


class RecordFeed:
    """The records of some topics for one member of a group; not safe for several threads."""

    def __init__(
        self, settings: KafkaSettings, group: str, topics: Sequence[str], *, care: int = 0
    ) -> None:
        """Join the group.

        Args:
            settings: where the brokers are.
            group: whose member this is.
            topics: what is read.
            care: so many records of a partition are claimed with care when its last owner took no
                leave; 0: it does not matter how that one ended.
        """
        self.partitions = Partitions()
        self._care = care
        self._consumer = Consumer(
            consumer_config(settings, group) | {"on_commit": self._on_commit},
            logger=client_logger(f"consumer.{group}"),
        )
        self._consumer.subscribe(
            list(topics),
            on_assign=self._on_assign,
            on_revoke=self._on_revoke,
            on_lost=self._on_lost,
        )

    def fetch(self, max_records: int, timeout_s: float) -> list[Fetched]:
        """Wait up to `timeout_s` for a record, return what is there; rebalances happen in here.

        Args:
            max_records: so many at most.
            timeout_s: how long to wait for the first one.

        Raises:
            KafkaException: an error that the client does not mend by itself.
        """
        found = []
        for message in take(self._consumer, max_records, timeout_s):
            if (error := message.error()) is not None:
                _pass_over(error)
                continue
            source = PartitionId(_known(message.topic()), _known(message.partition()))
            claim = self.partitions.receive(source, _known(message.offset()))
            if claim is not None:
                found.append(Fetched(claim, message))
        return [record for record in found if self.partitions.holds(record.claim)]

    def finish(self, claims: Iterable[Claim]) -> None:
        """Note that these records are done; `commit` tells the brokers."""
        self.partitions.finish(claims)

    def commit(self) -> None:
        """Commit what is finished, without waiting: the answer is noted by a later fetch.

        A waiting commit stood for 88 s while the brokers were away, and nothing else was done. What
        is refused is logged and tried again next time.
        """
        points = self.partitions.commit_points()
        if not points:
            return
        try:
            self._consumer.commit(offsets=_offsets(points, ""), asynchronous=True)
        except KafkaException as error:
            log.warning("offsets not committed", reason=error.args[0].str())

    def rest(self, reason: str, why: str) -> None:
        """Read nothing from now on; call `keep_alive` until `go_on`."""
        self.partitions.rest(reason, why)
        self._set_all()

    def go_on(self, reason: str) -> None:
        """End a rest; records flow again unless another reason is left."""
        self.partitions.go_on(reason)
        self._set_all()

    def hold(self, partition: PartitionId) -> None:
        """Read nothing of one partition until `release`, or until it leaves."""
        self.partitions.hold(partition)
        self._set_all()

    def release(self, partition: PartitionId) -> None:
        """Read this partition again."""
        self.partitions.release(partition)
        self._set_all()

    def keep_alive(self, timeout_s: float) -> None:
        """Poll while resting: stay in the group, take part in rebalances.

        Raises:
            RuntimeError: nothing rests, so that a record would be lost.
        """
        if not self.partitions.resting:
            raise RuntimeError("keep_alive is for a resting feed: call rest() before")
        message = self._consumer.poll(timeout_s)
        if message is None:
            return
        if (error := message.error()) is not None:
            _pass_over(error)
            return
        # Fetched before the pause took effect: read it again when the rest is over
        place = _known(message.topic()), _known(message.partition()), _known(message.offset())
        self._consumer.seek(TopicPartition(*place))

    def close(self) -> None:
        """Commit what is finished as `CLEAN` and leave the group."""
        self._commit(self.partitions.commit_points(unchanged=True), CLEAN)
        self._consumer.close()

    def _commit(self, points: dict[PartitionId, int], metadata: str) -> None:
        """Commit and wait, when partitions leave: nobody may read on before."""
        if not points:
            return
        try:
            answers = self._consumer.commit(offsets=_offsets(points, metadata), asynchronous=False)
        except KafkaException as error:
            log.warning("offsets not committed", reason=error.args[0].str())
            return
        self._on_commit(None, answers or [])

    def _on_commit(self, error: KafkaError | None, answers: list[TopicPartition]) -> None:
        """Note what the brokers said to a commit."""
        if error is not None:
            log.warning("offsets not committed", reason=error.str())
            return
        done = {
            PartitionId(answer.topic, answer.partition): answer.offset
            for answer in answers
            if answer.error is None
        }
        self.partitions.committed(done)

    def _on_assign(self, _consumer: Consumer, added: list[TopicPartition]) -> None:
        log.info("partitions assigned", partitions=[tp.partition for tp in added])
        careful = self._left_in_haste(added) if self._care else set()
        self._consumer.incremental_assign(added)
        ids = _ids(added)
        self.partitions.assign([id_ for id_ in ids if id_ not in careful])
        self.partitions.assign(careful, self._care)
        self._set_all()

    def _left_in_haste(self, added: list[TopicPartition]) -> set[PartitionId]:
        """Return the partitions whose last owner took no leave, or may not have."""
        try:
            committed = self._consumer.committed(added, timeout=COMMITTED_TIMEOUT_S)
        except KafkaException as error:
            log.warning("how partitions were left is not known", reason=error.args[0].str())
            return set(_ids(added))
        return {
            PartitionId(tp.topic, tp.partition)
            for tp in committed
            if tp.error is not None or (tp.offset >= 0 and tp.metadata != CLEAN)
        }

    def _on_revoke(self, _consumer: Consumer, gone: list[TopicPartition]) -> None:
        log.info("partitions revoked", partitions=[tp.partition for tp in gone])
        self._commit(self.partitions.commit_points(_ids(gone), unchanged=True), CLEAN)
        self.partitions.drop(_ids(gone))
        self._consumer.incremental_unassign(gone)

    def _on_lost(self, _consumer: Consumer, gone: list[TopicPartition]) -> None:
        log.warning("partitions lost", partitions=[tp.partition for tp in gone])
        self.partitions.drop(_ids(gone))
        self._consumer.incremental_unassign(gone)

    def _set_all(self) -> None:
        owned = [TopicPartition(*id_) for id_ in self.partitions.owned]
        if not owned:
            return
        if self.partitions.resting:
            self._consumer.pause(owned)
            return
        held = self.partitions.held
        self._consumer.resume([tp for tp in owned if (tp.topic, tp.partition) not in held])
        if held:
            self._consumer.pause([TopicPartition(*id_) for id_ in held])


def take(consumer: Consumer, max_records: int, timeout_s: float) -> Iterator[Message]:
    """Wait for one record, and take those that are there by then; none when the time is over.

    The client is asked for more only once the first one is claimed: a partition may leave and come
    back meanwhile, and the record would be claimed for a time that it does not belong to.

    `Consumer.consume` alone waits on until it has all that it may take, or the time is over: 0.25 s
    before each parse, and 0.1 s in each turn of a writer that is faster than the parser.
    """
    first = consumer.poll(timeout_s)
    if first is None:
        return
    yield first
    if max_records > 1:
        yield from consumer.consume(max_records - 1, 0)


def _offsets(points: dict[PartitionId, int], metadata: str) -> list[TopicPartition]:
    return [
        TopicPartition(id_.topic, id_.partition, offset, metadata) for id_, offset in points.items()
    ]


def _ids(partitions: Iterable[TopicPartition]) -> list[PartitionId]:
    return [PartitionId(tp.topic, tp.partition) for tp in partitions]


def _known(value: T | None) -> T:
    """Return what a message without an error always has."""
    if value is None:
        raise RuntimeError("a record without topic, partition or offset")
    return value


def _pass_over(error: KafkaError) -> None:
    """Log what the client mends by itself; raise the rest."""
    if error.fatal():
        raise KafkaException(error)
    log.warning("the broker says", reason=error.str())
