"""Whether something answers: one URL per question, one sentence when the answer is no."""

import http.client
import socket
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import redis
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

TIMEOUT_S = 2.0


def failure(url: str, timeout_s: float = TIMEOUT_S) -> str | None:
    """None when what `url` names is ready, else why not. Blocks for about `timeout_s` at most.

    `http://…` must answer 200; `tcp://host:port` accept; `file:///…` exist; `kafka://host:port`,
    `postgresql://…` and `redis://…` answer a real request.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        return None if Path(parts.path).exists() else f"{parts.path} does not exist"
    host, port = parts.hostname or "127.0.0.1", parts.port
    if port is not None:
        # First the cheap question: a refused connection must not cost a client's start.
        try:
            socket.create_connection((host, port), timeout=timeout_s).close()
        except OSError as error:
            return f"{host}:{port} does not accept connections ({error})"
    ask = {
        "http": _http,
        "tcp": _tcp,
        "kafka": _kafka,
        "postgresql": _postgres,
        "postgres": _postgres,
        "redis": _redis,
        "rediss": _redis,
    }.get(parts.scheme)
    if ask is None:
        raise ValueError(f"no probe for {parts.scheme}:// URLs")
    return ask(url, timeout_s)


def _tcp(_url: str, _timeout_s: float) -> str | None:
    return None


def _http(url: str, timeout_s: float) -> str | None:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=timeout_s)
    try:
        connection.request("GET", parts.path or "/")
        response = connection.getresponse()
        body = response.read(300)
    except (OSError, http.client.HTTPException) as error:
        return f"{url} does not answer ({error!r})"
    finally:
        connection.close()
    if response.status == http.HTTPStatus.OK:
        return None
    return f"{url} answers {response.status} {body.decode(errors='replace')}"


def _kafka(url: str, timeout_s: float) -> str | None:
    bootstrap = url.removeprefix("kafka://")
    # Log level 0: librdkafka would write each refused connection to our standard error.
    client = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    try:
        brokers = client.list_topics(timeout=timeout_s).brokers
    except KafkaException as error:
        return f"Kafka at {bootstrap} does not answer ({error})"
    return None if brokers else f"Kafka at {bootstrap} knows of no broker yet"


def _postgres(url: str, timeout_s: float) -> str | None:
    try:
        with psycopg.connect(url, connect_timeout=max(2, int(timeout_s))) as connection:
            connection.execute("SELECT 1")
    except psycopg.Error as error:
        return f"PostgreSQL does not answer ({str(error).strip()})"
    return None


def _redis(url: str, timeout_s: float) -> str | None:
    client = redis.Redis.from_url(
        url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s, retry=None
    )
    try:
        client.ping()
    except (redis.RedisError, OSError) as error:
        return f"Redis does not answer ({error})"
    finally:
        client.close()
    return None
