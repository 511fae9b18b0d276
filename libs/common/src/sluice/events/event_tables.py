"""The reference of the events for people: every event and member, as Markdown of docs/events.md."""

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING, Any

from sluice.events.asyncapi import EVENTS_BY_TOPIC, example_of, retention_days
from sluice.kafka.topics import topic_specs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sluice.events import Fact
    from sluice.settings import KafkaSettings

BEGIN = "<!-- From here on made by scripts/write_event_docs.py: change the classes instead. -->"


def event_reference(settings: KafkaSettings) -> str:
    """Return the part of the document that is made from the classes."""
    specs = {spec.name: spec for spec in topic_specs(settings)}
    parts = [BEGIN, ""]
    for topic, kinds in EVENTS_BY_TOPIC.items():
        days = retention_days(specs[topic])
        parts += [f"## Events on `{topic}`", "", f"Key: the job's id. Kept for {days} days.", ""]
        for kind in kinds:
            parts += _event(kind)
    return "\n".join(parts).rstrip() + "\n"


def _event(kind: type[Fact]) -> Iterator[str]:
    yield from (f"### `{kind.NAME}` on `{kind.TOPIC}`", "", inspect.cleandoc(str(kind.__doc__)), "")
    yield f"`ce_type`: `{kind.ce_type()}`. `ce_id`: `{_identity(kind)}`."
    yield from ("", "| member | type | there | what |", "|---|---|---|---|")
    yield from _members(kind.model_json_schema(by_alias=True))
    yield from ("", "```json", json.dumps(example_of(kind)), "```", "")


def _identity(kind: type[Fact]) -> str:
    """Return an example's id: its parts tell the fact from every other one."""
    return kind.model_validate(example_of(kind)).ce_id()


def _members(schema: dict[str, Any]) -> Iterator[str]:
    for name, member in schema["properties"].items():
        yield _row(name, member, schema)
        items = member.get("items", {}).get("$ref")
        if items is not None:
            inner = schema["$defs"][items.removeprefix("#/$defs/")]
            for part, told in inner["properties"].items():
                yield _row(f"{name}[].{part}", told, inner)


def _row(path: str, member: dict[str, Any], owner: dict[str, Any]) -> str:
    is_required = path.rpartition(".")[2] in owner.get("required", ())
    told = " ".join(str(member.get("description", "")).split())
    return f"| `{path}` | {_type(member)} | {'always' if is_required else 'may lack'} | {told} |"


def _type(member: dict[str, Any]) -> str:
    if "anyOf" in member:
        return _type(next(part for part in member["anyOf"] if part.get("type") != "null"))
    if "$ref" in member:
        return "string"
    return str(member.get("format") or member["type"])
