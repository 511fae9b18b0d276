"""The events over HTTP: what other services build on, without a token."""

from typing import TYPE_CHECKING

import jsonschema

from sluice.events import PUBLIC_FACTS
from sluice.events.asyncapi import example_of

if TYPE_CHECKING:
    from conftest import Api


def test_the_document_tells_the_topics_and_not_where_the_brokers_are(api: "Api") -> None:
    got = api.client.get("/api/events/asyncapi.json").json()
    assert got["asyncapi"] == "3.0.0"
    assert set(got["channels"]) == {kind.TOPIC for kind in PUBLIC_FACTS}
    assert "servers" not in got


def test_every_event_has_a_schema_that_its_example_fits(api: "Api") -> None:
    for kind in PUBLIC_FACTS:
        got = api.client.get(f"/api/events/schemas/{kind.NAME}.v{kind.VERSION}")
        assert got.headers["content-type"] == "application/schema+json"
        jsonschema.validate(example_of(kind), got.json())


def test_an_unknown_event_is_told_with_the_known_ones(api: "Api") -> None:
    got = api.client.get("/api/events/schemas/chunk-written.v9")
    assert (got.status_code, got.json()["code"]) == (404, "EVENT_UNKNOWN")
    assert "chunk-written.v1" in got.json()["events"]
