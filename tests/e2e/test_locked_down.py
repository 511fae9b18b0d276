"""One import where nothing goes in plain text and each service has its own few rights."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import pytest
import redis
from confluent_kafka import KafkaError, KafkaException, Producer
from psycopg import sql
from tests.e2e.locked_servers import SERVICES, LockedServers, start_locked_servers
from tests.road_client import RoadClient
from tests.table_facts import expected_orders, orders_of

from devstack import Stack
from devstack.endpoints import Endpoint, Endpoints
from devstack.locations import project_root
from devstack.preparation import prepare
from devstack.services import Placement, SluiceOptions, preparations, service_specs
from devstack.state import read_or_make_secret
from sluice.auth.access import record_provided_user
from sluice.auth.tokens import ProviderSubject
from sluice.kafka.acls import apply_acls, read_acls
from sluice.settings import KafkaSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Workbook

DEPLOY = project_root() / "deploy"
PROCESSES = {
    "upload-api": "upload-api",
    "parser": "parser",
    "writer": "writer",
    "progress-fold": "progress-gateway",
    "progress-settler": "progress-gateway",
    "progress-gateway": "progress-gateway",
}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack.ephemeral(f"locked-{os.getpid()}", parts=()) as stack:
        yield stack


@pytest.fixture(scope="module")
def servers(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> LockedServers:
    folder = tmp_path_factory.mktemp("certificates")
    return start_locked_servers(stack, folder, DEPLOY / "redis" / "users.acl")


@pytest.fixture(scope="module")
def gateway(stack: Stack, servers: LockedServers) -> tuple[str, str, str]:
    """The address of a running Sluice, a user and a password."""
    _create_database(servers)
    endpoints = Endpoints(
        {
            "kafka": Endpoint("kafka", servers.kafka, "environment"),
            "postgres": Endpoint("postgres", servers.admin_url, "environment"),
            "redis": Endpoint("redis", servers.env_of("writer")["SLUICE_REDIS_URL"], "environment"),
        }
    )
    placement = Placement(
        folder=stack.folder,
        targets_dir=project_root() / "targets",
        port=stack.ports.port,
        password=secrets.token_urlsafe(12),
    )
    read_or_make_secret(placement.secret_file, secrets.token_urlsafe(48))
    (stack.folder / "files").mkdir(mode=0o700)
    admin = servers.kafka_env("admin", servers.passwords["admin"])
    options = SluiceOptions(
        env=admin | {"SLUICE_ENVIRONMENT": "production"},
        env_of={name: servers.env_of(service) for name, service in PROCESSES.items()},
    )
    prepare(preparations(endpoints, placement, options), stack.folder / "logs")
    apply_acls(KafkaSettings.from_env(admin), read_acls(DEPLOY / "kafka" / "acls.yaml"))
    _give_roles(servers)
    stack.add(service_specs(endpoints, placement, options), ready_within_s=120)
    return placement.gateway_url, placement.user, placement.password


def _create_database(servers: LockedServers) -> None:
    with psycopg.connect(
        servers.admin_url.replace("/sluice?", "/postgres?"), autocommit=True
    ) as conn:
        conn.execute("CREATE DATABASE sluice")
        # The owner is named as the schema is, and would make the targets' tables in there
        conn.execute("ALTER DATABASE sluice SET search_path = public")


def _give_roles(servers: LockedServers) -> None:
    with psycopg.connect(servers.admin_url) as conn:
        for _ in range(2):  # it may be applied again
            conn.execute((DEPLOY / "postgres" / "roles.sql").read_bytes())
        conn.execute("SELECT sluice.grant_target('orders')")
        for service in SERVICES:
            role = sql.Identifier(f"sluice_{service.replace('-', '_')}")
            password = sql.Literal(servers.passwords[service])
            conn.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, password))


def test_an_import_is_exact_with_tls_and_the_least_rights(
    servers: LockedServers, gateway: tuple[str, str, str], orders: Callable[..., Workbook]
) -> None:
    workbook = orders(3_000, bad_share=0.01)
    client = RoadClient(*gateway)
    job_id = client.upload(workbook.path, "orders")
    messages = client.follow(job_id)
    assert messages[-1].data["status"] == "completed_with_errors", client.job(job_id)["failure"]
    assert orders_of(servers.admin_url, job_id) == expected_orders(workbook.expected)
    assert client.job(job_id)["failedRows"] > 0
    client.close()


DENIED = {
    "sluice_writer": ["SELECT * FROM sluice.users", "SELECT * FROM sluice.audit_log"],
    "sluice_parser": ["SELECT * FROM orders", "UPDATE sluice.jobs SET status = 'failed'"],
    "sluice_progress_gateway": ["INSERT INTO sluice.jobs DEFAULT VALUES", "SELECT * FROM orders",
                                "SELECT password_hash FROM sluice.users",
                                "INSERT INTO sluice.users (username, role) VALUES ('a', 'admin')"],
    "sluice_upload_api": ["SELECT * FROM orders", "DELETE FROM sluice.audit_log",
                          "ALTER TABLE sluice.audit_log DISABLE TRIGGER only_grows",
                          "SELECT sluice.forget_audit('900 days')"],
}  # fmt: skip


@pytest.mark.parametrize("service", SERVICES)
def test_a_role_has_no_other_rights(
    servers: LockedServers, gateway: tuple[str, str, str], service: str
) -> None:
    del gateway
    url = servers.env_of(service)["SLUICE_DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as conn:
        for statement in DENIED[f"sluice_{service.replace('-', '_')}"]:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(statement.encode())


def test_the_gateway_records_a_providers_user_and_makes_tickets(
    servers: LockedServers, gateway: tuple[str, str, str]
) -> None:
    url = servers.env_of("progress-gateway")["SLUICE_DATABASE_URL"]
    provided = ProviderSubject(issuer="https://idp.test", subject="42", name="erik")
    with psycopg.connect(url, autocommit=True) as conn:
        record_provided_user(conn, provided)
        row = conn.execute("SELECT role FROM sluice.users WHERE username = 'erik'").fetchone()
    assert row == ("user",)
    with httpx.Client(base_url=gateway[0], trust_env=False, timeout=30) as page:
        page.post("/api/auth/login", json={"username": gateway[1], "password": gateway[2]})
        ticket = page.post("/api/progress/ticket").json()["ticket"]
    path = f"{gateway[0]}/api/progress/stream?ticket={ticket}"
    with httpx.stream("GET", path, trust_env=False, timeout=30) as stream:
        lines = stream.iter_lines()
        assert [next(lines), next(lines)] == ["retry: 2000", "event: connection"]


def test_plain_text_and_strangers_are_refused(
    servers: LockedServers, gateway: tuple[str, str, str], tmp_path: Any
) -> None:
    del gateway
    with pytest.raises(psycopg.OperationalError, match="no pg_hba"):
        psycopg.connect(servers.admin_url.replace("verify-full", "disable"))
    no_authority = tmp_path / "none.pem"
    no_authority.write_bytes(servers.certificates.certificate.read_bytes())
    with pytest.raises(psycopg.OperationalError, match="certificate"):
        psycopg.connect(
            servers.admin_url.replace(str(servers.certificates.authority), str(no_authority))
        )
    plain = redis.Redis.from_url(f"redis://{servers.redis}/0", socket_timeout=5, retry=None)
    with plain, pytest.raises(redis.RedisError):
        plain.ping()


@pytest.mark.parametrize("command", ["FLUSHALL", "KEYS *", "CONFIG GET *", "GET other:key"])
def test_a_service_has_no_other_commands_in_redis(
    servers: LockedServers, gateway: tuple[str, str, str], command: str
) -> None:
    del gateway
    for service in SERVICES:
        with (
            redis.Redis.from_url(servers.env_of(service)["SLUICE_REDIS_URL"]) as client,
            pytest.raises(redis.exceptions.NoPermissionError),
        ):
            client.execute_command(*command.split())


def test_a_principal_writes_no_other_topic(
    servers: LockedServers, gateway: tuple[str, str, str]
) -> None:
    del gateway
    told: list[KafkaError | None] = []
    env = servers.kafka_env("sluice-writer", servers.passwords["writer"])
    producer = Producer(KafkaSettings.from_env(env).client_config("test"))
    producer.produce("imports.jobs", b"x", on_delivery=lambda error, _: told.append(error))
    producer.flush(30)
    assert [error and error.code() for error in told] == [KafkaError.TOPIC_AUTHORIZATION_FAILED]


def test_a_wrong_password_reaches_no_broker(
    servers: LockedServers, gateway: tuple[str, str, str]
) -> None:
    del gateway
    env = servers.kafka_env("sluice-writer", "wrong")
    producer = Producer(KafkaSettings.from_env(env).client_config("test") | {"log_level": 0})
    with pytest.raises(KafkaException):
        producer.list_topics(timeout=5)
