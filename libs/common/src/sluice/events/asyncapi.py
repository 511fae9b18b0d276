"""AsyncAPI 3.0: the JSON events as one document, made from their classes."""

from __future__ import annotations

import inspect
import json
from importlib import resources
from typing import TYPE_CHECKING, Any

from sluice.events import JOB_FACTS, PUBLIC_FACTS, RESULT_FACTS
from sluice.events.envelope import CONTENT_TYPE, SPEC_VERSION
from sluice.kafka import topic_names
from sluice.kafka.topics import DAY_MS, topic_specs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sluice.events import Fact
    from sluice.kafka.topics import TopicSpec
    from sluice.settings import KafkaSettings

BINDING = "0.5.0"
_ABOUT = """\
What Sluice states on Apache Kafka about its imports. Events are CloudEvents 1.0 in Kafka's binary \
mode: the attributes are headers `ce_*`, the record's value is the JSON body.

Delivery is at least once: the same event may come again, with the same `ce_id`; whoever acts on \
it keeps the `ce_id` in the transaction of the act. Events of one job are on one partition of a \
topic (the key is the job's id), but a fact that was lost on the way is stated again later, with \
the header `sluice-repair`: nothing may rest on the order of facts.

A version (`.v1` of `ce_type`) only ever gains optional members: ignore those that you do not know.\
"""
_CHANNELS = {
    topic_names.JOB_EVENTS: "Start and end of every import: the few facts that most consumers "
    "want. `job-finished` never comes before the job's last chunk fact is stated.",
    topic_names.RESULTS: "The log of every import: all its facts but its creation.",
    topic_names.JOBS: "Tells Sluice's own parsers that there is work. For services outside "
    f"`{topic_names.JOB_EVENTS}` has more to say.",
}
EVENTS_BY_TOPIC: dict[str, tuple[type[Fact], ...]] = {
    topic_names.JOB_EVENTS: tuple(
        kind for kind in PUBLIC_FACTS if kind.TOPIC == topic_names.JOB_EVENTS
    ),
    topic_names.RESULTS: tuple(RESULT_FACTS.values()),
    topic_names.JOBS: tuple(JOB_FACTS.values()),
}
"""The topics in the order in which services outside care for them."""


def asyncapi_document(settings: KafkaSettings) -> dict[str, Any]:
    """Return the document; partitions and replicas are those of the settings."""
    specs = {spec.name: spec for spec in topic_specs(settings)}
    kinds = {kind.NAME: kind for kind in reversed(PUBLIC_FACTS)}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Sluice events",
            "version": f"{max(kind.VERSION for kind in PUBLIC_FACTS)}.0.0",
            "description": _ABOUT,
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {
            name: _channel(specs[name], about, settings.replication_factor)
            for name, about in _CHANNELS.items()
        },
        "operations": {f"state-on-{name}": _operation(name) for name in _CHANNELS},
        "components": {
            "messages": {name: _message(kind) for name, kind in sorted(kinds.items())},
            "schemas": _schemas(kinds.values()),
        },
    }


def asyncapi_text(settings: KafkaSettings) -> str:
    """Return the document as it is committed."""
    return json.dumps(asyncapi_document(settings), indent=2, ensure_ascii=False) + "\n"


def example_of(kind: type[Fact]) -> dict[str, Any]:
    """Return the body of an event's example."""
    path = resources.files("sluice.events") / "examples" / f"{kind.NAME}.v{kind.VERSION}.json"
    body: dict[str, Any] = json.loads(path.read_bytes())
    return body


def example_headers(kind: type[Fact]) -> dict[str, str]:
    """Return the headers that the example would have."""
    fact = kind.model_validate(example_of(kind))
    return {
        "ce_specversion": SPEC_VERSION,
        "ce_id": fact.ce_id(),
        "ce_source": "/sluice/progress-gateway",
        "ce_type": kind.ce_type(),
        "ce_subject": str(fact.job_id),
        "ce_time": "2026-05-31T12:00:00.000+00:00",
        "content-type": CONTENT_TYPE,
    }


def retention_days(spec: TopicSpec) -> int:
    """Return how long a topic keeps its records."""
    return int(spec.config["retention.ms"]) // DAY_MS


def _channel(spec: TopicSpec, about: str, replicas: int) -> dict[str, Any]:
    kept = f" Kept for {retention_days(spec)} days."
    return {
        "address": spec.name,
        "description": about + kept,
        "messages": {
            kind.NAME: {"$ref": f"#/components/messages/{kind.NAME}"}
            for kind in EVENTS_BY_TOPIC[spec.name]
        },
        "bindings": {
            "kafka": {
                "topic": spec.name,
                "partitions": spec.partitions,
                "replicas": replicas,
                "topicConfiguration": {
                    "cleanup.policy": ["delete"],
                    "retention.ms": int(spec.config["retention.ms"]),
                },
                "bindingVersion": BINDING,
            }
        },
    }


def _operation(topic: str) -> dict[str, Any]:
    return {"action": "send", "channel": {"$ref": f"#/channels/{topic}"}}


def _message(kind: type[Fact]) -> dict[str, Any]:
    summary, _, _ = inspect.cleandoc(str(kind.__doc__)).partition("\n")
    return {
        "name": kind.ce_type(),
        "title": kind.NAME,
        "summary": summary,
        "description": inspect.cleandoc(str(kind.__doc__)),
        "contentType": CONTENT_TYPE,
        "headers": {"$ref": "#/components/schemas/CloudEventHeaders"},
        "payload": {"$ref": f"#/components/schemas/{kind.__name__}"},
        "correlationId": {
            "description": "The job's id.",
            "location": "$message.header#/ce_subject",
        },
        "bindings": {
            "kafka": {
                "key": {"type": "string", "format": "uuid", "description": "The job's id."},
                "bindingVersion": BINDING,
            }
        },
        "examples": [
            {"name": kind.NAME, "headers": example_headers(kind), "payload": example_of(kind)}
        ],
    }


def _schemas(kinds: Iterable[type[Fact]]) -> dict[str, Any]:
    schemas: dict[str, Any] = {"CloudEventHeaders": _HEADERS}
    for kind in kinds:
        schema = kind.model_json_schema(by_alias=True, ref_template="#/components/schemas/{model}")
        schemas |= schema.pop("$defs", {})
        schemas[kind.__name__] = schema
    return dict(sorted(schemas.items()))


def _header(about: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "description": about} | more


_HEADERS: dict[str, Any] = {
    "type": "object",
    "description": "CloudEvents 1.0, Kafka's binary mode; values are UTF-8.",
    "required": [
        "ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "content-type",
    ],
    "properties": {
        "ce_specversion": _header("The version of CloudEvents.", const=SPEC_VERSION),
        "ce_id": _header("The same for the same fact, however often it is stated."),
        "ce_source": _header("The service that stated it: not part of the fact's identity, for "
                             "a repair comes from another one."),
        "ce_type": _header("`io.sluice.imports.<event>.v<version>`."),
        "ce_subject": _header("The job's id.", format="uuid"),
        "ce_time": _header("When it was stated.", format="date-time"),
        "content-type": _header("Of the body.", const=CONTENT_TYPE),
        "traceparent": _header("W3C trace context, where there is one."),
        "sluice-repair": _header("The fact is stated again, from the row that it rests on.",
                                 const="1"),
    },
}  # fmt: skip
