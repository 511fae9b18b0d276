"""Kafka, PostgreSQL and Redis from testcontainers, for tests where the native road is closed."""

from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack

from devstack.docker_compose import engine_failure
from devstack.endpoints import Endpoint, Part
from devstack.errors import PartUnavailableError
from devstack.native_postgres import DATABASE, USER

IMAGES: Mapping[Part, str] = {
    # The one that testcontainers itself is tested with; its start script is not the broker's.
    "kafka": "confluentinc/cp-kafka:7.6.0",
    "postgres": "postgres:16-alpine",
    "redis": "redis:7-alpine",
}


class ContainerRoad:
    """Containers that end with the test run; their own reaper ends them after a crash."""

    def __init__(self) -> None:
        self._running = ExitStack()

    def start(self, parts: Collection[Part]) -> list[Endpoint]:
        """Start one container per part.

        Raises:
            PartUnavailableError: no engine answers, or a container did not start.
        """
        if (why := engine_failure()) is not None:
            raise PartUnavailableError(why)
        return [Endpoint(part, self._start(part), "docker") for part in sorted(parts)]

    def stop(self) -> None:
        self._running.close()

    def _start(self, part: Part) -> str:
        start: Mapping[Part, Callable[[], str]] = {
            "kafka": self._kafka,
            "postgres": self._postgres,
            "redis": self._redis,
        }
        try:
            return start[part]()
        except Exception as error:
            # Of docker, requests or testcontainers: they share no root.
            raise PartUnavailableError(
                f"a container of {IMAGES[part]} did not start: {error}"
            ) from error

    # Imported late: testcontainers looks for an engine as soon as it is imported.

    def _kafka(self) -> str:
        from testcontainers.community.kafka import KafkaContainer  # noqa: PLC0415 - see above

        container = self._running.enter_context(
            KafkaContainer(IMAGES["kafka"])
            .with_kraft()
            .with_env("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false")
        )
        return str(container.get_bootstrap_server()).removeprefix("PLAINTEXT://")

    def _postgres(self) -> str:
        from testcontainers.community.postgres import PostgresContainer  # noqa: PLC0415 - see above

        container = self._running.enter_context(
            PostgresContainer(IMAGES["postgres"], username=USER, dbname=DATABASE, driver=None)
        )
        return str(container.get_connection_url(driver=None))

    def _redis(self) -> str:
        from testcontainers.community.redis import RedisContainer  # noqa: PLC0415 - see above

        container = self._running.enter_context(RedisContainer(IMAGES["redis"]))
        return f"redis://{container.get_container_host_ip()}:{container.get_exposed_port(6379)}/0"
