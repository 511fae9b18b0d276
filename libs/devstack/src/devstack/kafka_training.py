"""One broker that works for a moment, so that the next ones start from its classes."""

import subprocess
import tempfile
import time
from pathlib import Path

from confluent_kafka import Consumer, KafkaException, Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from devstack import probes
from devstack.errors import PartUnavailableError
from devstack.kafka_classes import archive_path
from devstack.locks import waiting_lock
from devstack.native_kafka import fetch_jars, java, native_kafka
from devstack.ports import PortBook

TOPIC = "training"
RECORDS = 200
_READY_WITHIN_S = 60
_ENDED_WITHIN_S = 120
_ANSWER_WITHIN_S = 20


def make_archive() -> Path:
    """The archive for this machine's Java, made on the first call (15 s, 50 MB).

    Raises:
        PartUnavailableError: Java or the jars are not to be had, or the broker made none.
    """
    target = archive_path(java(), fetch_jars())
    with waiting_lock(target.with_name(f"{target.name}.lock")):
        if not target.exists():
            with tempfile.TemporaryDirectory(dir=target.parent) as folder:
                _train(Path(folder), target)
    return target


def _train(folder: Path, target: Path) -> None:
    made = folder / "classes.jsa"
    spec, endpoint = native_kafka(folder, PortBook())
    program, *arguments = spec.argv
    broker = subprocess.Popen(  # noqa: S603 - fixed argv
        [program, f"-XX:ArchiveClassesAtExit={made}", *arguments],
        cwd=spec.cwd, env=dict(spec.env), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_ready(spec.ready)
        _work(endpoint.address)
        broker.terminate()
        broker.wait(_ENDED_WITHIN_S)
        made.rename(target)
    except (OSError, KafkaException, subprocess.TimeoutExpired) as error:
        raise PartUnavailableError(f"no archive of Kafka's classes was made: {error}") from error
    finally:
        broker.kill()
        broker.wait()


def _wait_ready(url: str) -> None:
    until_s = time.monotonic() + _READY_WITHIN_S
    while why := probes.failure(url):
        if time.monotonic() > until_s:
            raise PartUnavailableError(why)
        time.sleep(0.1)


def _work(bootstrap: str) -> None:
    """Have the broker do what an import asks of it."""
    brokers: dict[str, str | int | float | bool] = {"bootstrap.servers": bootstrap, "log_level": 0}
    admin = AdminClient(brokers)
    admin.create_topics([NewTopic(TOPIC, 3, 1)])[TOPIC].result(_ANSWER_WITHIN_S)
    producer = Producer({**brokers, "enable.idempotence": True})
    consumer = Consumer({**brokers, "group.id": TOPIC, "auto.offset.reset": "earliest",
                         "enable.auto.commit": False})  # fmt: skip
    consumer.subscribe([TOPIC])
    for number in range(RECORDS):
        producer.produce(TOPIC, bytes(10_000), str(number))
        producer.flush(_ANSWER_WITHIN_S)
    for _ in range(RECORDS):
        if (message := consumer.poll(_ANSWER_WITHIN_S)) is not None and message.error() is None:
            consumer.commit(message=message, asynchronous=True)
    consumer.close()
