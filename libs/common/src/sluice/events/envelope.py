"""CloudEvents 1.0 in Kafka's binary mode: what every fact has around its body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from sluice.errors import Poison, UnknownVersion

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

TYPE_PREFIX = "io.sluice.imports."
SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/json"
VERSION_DIGITS = 9
"""More is no number of a release, and `int` refuses thousands of digits."""


class Fact(BaseModel):
    """Something that happened to a job; the body of one event.

    Attributes of a subclass: `NAME` (kebab case, past tense), `TOPIC`, `VERSION` (raised by a
    change that older readers cannot ignore).
    """

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",  # a newer minor release may add members
        alias_generator=to_camel,
        populate_by_name=True,
        use_attribute_docstrings=True,  # consumers read them in the schema
    )

    NAME: ClassVar[str]
    TOPIC: ClassVar[str]
    VERSION: ClassVar[int] = 1

    job_id: UUID
    """The job that it is about; also the record's key and `ce_subject`."""
    run: int
    """1 + how often the job was retried: a fact of an older run moves counts, never the status."""

    def identity(self) -> tuple[object, ...]:
        """Return what tells this fact from every other of its kind and job."""
        return (self.run,)

    def key(self) -> bytes:
        """Return the record's key: facts of one job stay in order."""
        return str(self.job_id).encode()

    @classmethod
    def ce_type(cls) -> str:
        return f"{TYPE_PREFIX}{cls.NAME}.v{cls.VERSION}"

    def ce_id(self) -> str:
        """Return the event's id: the same fact, produced again, has the same id."""
        return ":".join([str(self.job_id), self.NAME, *map(str, self.identity())])

    def body(self) -> bytes:
        return self.model_dump_json(by_alias=True, exclude_none=True).encode()

    @classmethod
    def from_body(cls, body: bytes) -> Self:
        """Decode a body; raises `Poison` when it is not one of this kind."""
        try:
            return cls.model_validate_json(body)
        except ValidationError as error:
            # pydantic's own text would repeat the input, and input stays out of logs
            faults = ", ".join(
                f"{'.'.join(map(str, e['loc']))}: {e['type']}" for e in error.errors()
            )
            raise Poison("EVENT_INVALID", f"{cls.NAME}: {faults}") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record as it goes to, or comes from, a topic."""

    topic: str
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


def to_record(
    fact: Fact,
    *,
    source: str,
    now: datetime,
    traceparent: str | None = None,
    extra_headers: Iterable[tuple[str, str]] = (),
) -> Record:
    """Put a fact into its envelope.

    Args:
        fact: what happened.
        source: the service that states it, such as `writer`.
        now: when it is stated.
        traceparent: the W3C trace context, where there is one.
        extra_headers: such as `sluice-repair` on a fact that is produced again.
    """
    headers = [
        ("ce_specversion", SPEC_VERSION),
        ("ce_id", fact.ce_id()),
        ("ce_source", f"/sluice/{source}"),
        ("ce_type", fact.ce_type()),
        ("ce_subject", str(fact.job_id)),
        ("ce_time", now.isoformat(timespec="milliseconds")),
        ("content-type", CONTENT_TYPE),
        *([("traceparent", traceparent)] if traceparent else []),
        *extra_headers,
    ]
    return Record(
        topic=fact.TOPIC,
        key=fact.key(),
        value=fact.body(),
        headers=tuple((name, value.encode()) for name, value in headers),
    )


def decode(kinds: Mapping[str, type[Fact]], headers: Mapping[str, bytes], value: bytes) -> Fact:
    """Return the fact in a record.

    Raises:
        UnknownVersion: a known kind in a version this release does not read.
        Poison: no `ce_type`, an unknown kind, or a body that does not fit.
    """
    ce_type = headers.get("ce_type", b"").decode(errors="replace")
    name, _, version = ce_type.removeprefix(TYPE_PREFIX).rpartition(".v")
    kind = kinds.get(name)
    if kind is None:
        raise Poison("EVENT_UNKNOWN", f"no event is called {ce_type[:80]!r}")
    if not (version.isascii() and version.isdigit() and len(version) <= VERSION_DIGITS):
        raise Poison("EVENT_UNKNOWN", f"{ce_type[:80]!r} names no version")
    if int(version) > kind.VERSION:
        raise UnknownVersion(f"{ce_type!r} is newer than this release reads ({kind.VERSION})")
    return kind.from_body(value)
