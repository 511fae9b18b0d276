"""The native servers are what production has in what matters, and closed to strangers."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from confluent_kafka import Consumer, KafkaError, Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from redis.backoff import NoBackoff
from redis.retry import Retry

from devstack.databases import PostgresServer
from devstack.endpoints import Part
from devstack.native_kafka import as_text, native_kafka, new_cluster_id, properties
from devstack.ports import PortBook
from devstack.pytest_fixtures import Infra


def native(infra: Infra, part: Part) -> None:
    if infra.with_parts(part).endpoints.by_part[part].source != "native":
        pytest.skip(f"{part} is not of our own making here")


def test_a_door_of_kafka_sends_its_clients_to_the_proxy(tmp_path: Path) -> None:
    told = properties(tmp_path, 1, 2, {"writer": (3, 4)})
    assert told["listeners"].endswith(",WRITER://127.0.0.1:4")
    assert told["advertised.listeners"] == "PLAINTEXT://127.0.0.1:1,WRITER://127.0.0.1:3"
    assert "WRITER:PLAINTEXT" in told["listener.security.protocol.map"].split(",")


def test_kafka_is_told_its_settings_in_the_letters_that_java_reads() -> None:
    assert as_text({"log.dirs": "/süß/€/😀/a\\b"}) == (
        "log.dirs=/s\\u00fc\\u00df/\\u20ac/\\ud83d\\ude00/a\\\\b\n"
    )


def test_kafka_s_data_may_be_in_a_folder_of_any_letters(infra: Infra, tmp_path: Path) -> None:
    native(infra, "kafka")
    folder = tmp_path / "süßes Wörk €"
    folder.mkdir()
    spec, _ = native_kafka(folder, PortBook())
    assert (folder / "kafka" / "data" / "meta.properties").exists()
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]
    assert spec.env["LC_ALL"] == "C.UTF-8"


def test_the_database_is_durable_so_that_benchmarks_are_honest(
    infra: Infra, postgres_server: PostgresServer
) -> None:
    native(infra, "postgres")
    with psycopg.connect(postgres_server.url) as connection:
        shown = {
            name: connection.execute("SELECT current_setting(%s)", [name]).fetchone()
            for name in ("fsync", "synchronous_commit", "full_page_writes")
        }
    assert set(shown.values()) == {("on",)}


def test_the_database_refuses_a_wrong_password(
    infra: Infra, postgres_server: PostgresServer
) -> None:
    native(infra, "postgres")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres_server.url, password="guessed")


@pytest.fixture
def a_stray_key(redis_url: str) -> Iterator[str]:
    """What another test of the run left behind in the Redis that all share."""
    with redis.Redis.from_url(redis_url) as client:
        client.set("stray", "1")
        yield "stray"
        client.delete("stray")


@pytest.mark.usefixtures("a_stray_key")
def test_a_redis_of_one_test_is_empty_whatever_others_left(empty_redis_url: str) -> None:
    with redis.Redis.from_url(empty_redis_url) as client:
        assert client.dbsize() == 0


def test_redis_refuses_who_has_no_password_and_keeps_nothing(infra: Infra, redis_url: str) -> None:
    native(infra, "redis")
    with redis.Redis.from_url(redis_url) as client:
        assert client.config_get("save") == {"save": ""}
        port = client.connection_pool.connection_kwargs["port"]
    with (
        redis.Redis(port=port, retry=Retry(NoBackoff(), 0)) as stranger,
        pytest.raises(redis.AuthenticationError),
    ):
        stranger.ping()


def test_a_message_goes_through_the_broker_once(kafka_bootstrap: str) -> None:
    topic = f"t-{uuid.uuid4().hex}"
    admin = AdminClient({"bootstrap.servers": kafka_bootstrap})
    admin.create_topics([NewTopic(topic, 3, 1)])[topic].result(timeout=20)
    producer = Producer(
        {"bootstrap.servers": kafka_bootstrap, "enable.idempotence": True, "acks": "all"}
    )
    producer.produce(topic, b"value", b"key")
    assert producer.flush(20) == 0
    consumer = Consumer(
        {"bootstrap.servers": kafka_bootstrap, "group.id": topic, "auto.offset.reset": "earliest"}
    )
    try:
        consumer.subscribe([topic])
        message = consumer.poll(20)
        assert message is not None
        assert (message.error(), message.key(), message.value()) == (None, b"key", b"value")
        assert consumer.poll(0.5) is None
    finally:
        consumer.close()
        admin.delete_topics([topic])[topic].result(timeout=20)


def test_a_topic_does_not_spring_up_by_a_typo(infra: Infra, kafka_bootstrap: str) -> None:
    native(infra, "kafka")
    topic = f"t-{uuid.uuid4().hex}"
    admin = AdminClient({"bootstrap.servers": kafka_bootstrap})
    shown = admin.list_topics(topic, timeout=20).topics[topic]
    assert shown.error is not None
    assert shown.error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART
    assert topic not in admin.list_topics(timeout=20).topics


def test_no_cluster_id_looks_like_an_option() -> None:
    """One stack in 64 did not start: its random id began with a dash, an option to the tool."""
    assert not any(new_cluster_id().startswith("-") for _ in range(2_000))
