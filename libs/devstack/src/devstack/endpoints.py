"""Where Kafka, PostgreSQL and Redis are, and which road led there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Part = Literal["kafka", "postgres", "redis"]
Source = Literal["environment", "native", "docker"]

PARTS: tuple[Part, ...] = get_args(Part)

VARIABLES: Mapping[Part, str] = {
    "kafka": "SLUICE_KAFKA_BOOTSTRAP",
    "postgres": "SLUICE_DATABASE_URL",
    "redis": "SLUICE_REDIS_URL",
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The address of one part: `host:port` for Kafka, a URL for PostgreSQL and Redis."""

    part: Part
    address: str
    source: Source

    @property
    def probe(self) -> str:
        """The URL that `probes.failure` asks whether this part answers."""
        return f"kafka://{self.address}" if self.part == "kafka" else self.address


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The parts that a stack has; those it was not asked for are absent."""

    by_part: Mapping[Part, Endpoint]

    def __contains__(self, part: object) -> bool:
        return part in self.by_part

    def address(self, part: Part) -> str:
        """The part's address.

        Raises:
            KeyError: the stack was started without this part.
        """
        if part not in self.by_part:
            raise KeyError(f"this stack has no {part}: ask for it with parts={{'{part}', …}}")
        return self.by_part[part].address

    def environment(self) -> dict[str, str]:
        """The variables by which a service finds the parts."""
        return {VARIABLES[part]: found.address for part, found in self.by_part.items()}

    def merged(self, found: Iterable[Endpoint]) -> "Endpoints":
        return Endpoints({**self.by_part, **{endpoint.part: endpoint for endpoint in found}})


def native_parts(environ: Mapping[str, str]) -> tuple[Part, ...]:
    """The parts that this machine's own programs will be started for, if it has them."""
    if environ.get("STACK") == "docker":
        return ()
    return tuple(part for part in PARTS if not environ.get(VARIABLES[part]))


def given_endpoints(environ: Mapping[str, str], wanted: Iterable[Part]) -> list[Endpoint]:
    """The wanted parts whose addresses the environment gives."""
    return [
        Endpoint(part, environ[VARIABLES[part]], "environment")
        for part in wanted
        if environ.get(VARIABLES[part])
    ]
