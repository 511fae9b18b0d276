"""One broker that works for a moment, so that the next ones start from its classes."""

import math
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import Consumer, KafkaException, Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from devstack import probes
from devstack.endpoints import Part
from devstack.errors import PartUnavailableError
from devstack.kafka_classes import archive_path
from devstack.locks import waiting_lock
from devstack.native_kafka import fetch_jars, java, native_kafka
from devstack.ports import PortBook
from devstack.process import last_lines, spawn

TOPIC = "training"
RECORDS = 200
WITHIN_S = 60.0
"""All of it, which takes 15 s; others wait for it meanwhile."""
TRY_AGAIN_S = 24 * 3600
"""What failed for want of room, memory or time may succeed tomorrow."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """One for all steps of a training."""

    until_s: float

    def left_s(self) -> float:
        """The time that is left.

        Raises:
            PartUnavailableError: none is.
        """
        left_s = self.until_s - time.monotonic()
        if left_s <= 0:
            raise PartUnavailableError(f"the broker was not done within {WITHIN_S:.0f} s")
        return left_s


def offer_archive(natively: Collection[Part], say: Callable[[str], None] = print) -> None:
    """Make the archive where Kafka is started from its jars; it is for speed, and fails nothing."""
    if "kafka" not in natively:
        return
    try:
        make_archive(say)
    except (PartUnavailableError, OSError, subprocess.SubprocessError) as error:
        say(f"Kafka will start more slowly: {error}")


def make_archive(say: Callable[[str], None] = print) -> Path:
    """The archive for this machine's Java, made on the first call (15 s, 50 MB).

    Raises:
        PartUnavailableError: Java or the jars are not to be had, or the broker made none, now or
            within the last day.
        OSError: the cache cannot be written.
    """
    target = archive_path(java(), fetch_jars())
    if target.exists():
        return target
    with waiting_lock(target.with_name(f"{target.name}.lock")):
        if not target.exists():
            _make(target, say)
    return target


def _make(target: Path, say: Callable[[str], None]) -> None:
    """Make it, or note that none comes out: for a day nobody waits for that again."""
    failed = target.with_name(f"{target.name}.failed")
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        if (left_s := _left_s(failed, Path(folder))) > 0:
            left_h = math.ceil(left_s / 3600)
            raise PartUnavailableError(
                f"{failed.read_text().strip()} (tried again in {left_h} h, with another"
                f" Java or Kafka, or once {failed} is removed)"
            )
        say("making an archive of Kafka's classes, once (about 15 s)")
        try:
            _train(Path(folder), target)
        except (PartUnavailableError, subprocess.SubprocessError) as error:
            failed.write_text(f"{error}\n")
            raise
        failed.unlink(missing_ok=True)


def _left_s(failed: Path, fresh: Path) -> float:
    """How long the note of a failure counts, by the clock that dated it and what is fresh."""
    try:
        age_s = fresh.stat().st_mtime - failed.stat().st_mtime
    except FileNotFoundError:
        return 0
    # A note of tomorrow was written by a clock that went wrong
    return TRY_AGAIN_S - age_s if age_s >= 0 else 0


def _train(folder: Path, target: Path) -> None:
    made = folder / "classes.jsa"
    log = folder / "broker.log"
    spec, endpoint = native_kafka(folder, PortBook())
    program, *arguments = spec.argv
    deadline = Deadline(time.monotonic() + WITHIN_S)
    broker = spawn(
        [program, f"-XX:ArchiveClassesAtExit={made}", *arguments],
        env=spec.env, log=log, death_signal=signal.SIGKILL, cwd=spec.cwd,
    )  # fmt: skip
    try:
        _wait_ready(spec.ready, broker, deadline)
        _work(endpoint.address, deadline)
        broker.terminate()
        _wait_ended(broker, deadline)
        made.rename(target)
    except (OSError, KafkaException, PartUnavailableError) as error:
        said = last_lines(log, 1)
        raise PartUnavailableError(
            f"no archive of Kafka's classes was made: {error}{said and f'; it said: {said}'}"
        ) from error
    finally:
        broker.kill()
        broker.wait()


def _wait_ended(broker: subprocess.Popen[bytes], deadline: Deadline) -> None:
    try:
        broker.wait(deadline.left_s())
    except subprocess.TimeoutExpired as error:
        raise PartUnavailableError(f"the broker did not end within {WITHIN_S:.0f} s") from error


def _wait_ready(url: str, broker: subprocess.Popen[bytes], deadline: Deadline) -> None:
    while probes.failure(url):
        if (code := broker.poll()) is not None:
            raise PartUnavailableError(f"the broker that was to make its archive ended with {code}")
        time.sleep(min(0.1, deadline.left_s()))


def _work(bootstrap: str, deadline: Deadline) -> None:
    """Have the broker do what an import asks of it."""
    brokers: dict[str, str | int | float | bool] = {"bootstrap.servers": bootstrap, "log_level": 0}
    admin = AdminClient(brokers)
    admin.create_topics([NewTopic(TOPIC, 3, 1)])[TOPIC].result(deadline.left_s())
    producer = Producer({**brokers, "enable.idempotence": True})
    consumer = Consumer({**brokers, "group.id": TOPIC, "auto.offset.reset": "earliest",
                         "enable.auto.commit": False})  # fmt: skip
    consumer.subscribe([TOPIC])
    for number in range(RECORDS):
        producer.produce(TOPIC, bytes(10_000), str(number))
        while producer.flush(deadline.left_s()):
            pass
    for _ in range(RECORDS):
        message = consumer.poll(deadline.left_s())
        if message is not None and message.error() is None:
            consumer.commit(message=message, asynchronous=True)
    consumer.close()
