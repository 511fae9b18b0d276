"""The AsyncAPI document is one: by the schema of AsyncAPI itself, and by its own schemas."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sluice.clock import SystemClock
from sluice.events import PUBLIC_FACTS, to_record
from sluice.events.asyncapi import asyncapi_document
from sluice.settings import KafkaSettings

SPECS = Path(__file__).parent / "asyncapi_specs"
SCHEMA = "node_modules/@asyncapi/specs/schemas/3.0.0-without-$id.json"
SETTINGS = KafkaSettings.from_env({"SLUICE_KAFKA_BOOTSTRAP": "localhost:9092"})


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return asyncapi_document(SETTINGS)


@pytest.fixture(scope="module")
def asyncapi_schema(tmp_path_factory: pytest.TempPathFactory) -> jsonschema.Draft7Validator:
    """The schema as AsyncAPI publishes it, from its npm package; skips without npm or network."""
    folder = tmp_path_factory.mktemp("asyncapi")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(SPECS / name, folder)
    npm = shutil.which("npm")
    command = [npm or "npm", "ci", "--ignore-scripts", "--prefer-offline", "--no-audit"]
    got = npm and subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False)
    if not got or got.returncode:
        why = f"npm cannot fetch @asyncapi/specs: {got.stderr.decode()[-300:] if got else 'no npm'}"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(why)
    return jsonschema.Draft7Validator(json.loads((folder / SCHEMA).read_text("utf-8")))


def test_the_document_is_asyncapi_3(
    document: dict[str, Any], asyncapi_schema: jsonschema.Draft7Validator
) -> None:
    faults = [f"{list(e.path)}: {e.message[:200]}" for e in asyncapi_schema.iter_errors(document)]
    assert faults == []


def test_the_schema_of_asyncapi_sees_a_fault(
    document: dict[str, Any], asyncapi_schema: jsonschema.Draft7Validator
) -> None:
    broken = copy.deepcopy(document)
    broken["channels"]["imports.results"]["adress"] = "misspelt"
    assert list(asyncapi_schema.iter_errors(broken))


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    def references(part: Any) -> list[str]:
        if isinstance(part, dict):
            own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
            return own + [ref for inner in part.values() for ref in references(inner)]
        return (
            [ref for inner in part for ref in references(inner)] if isinstance(part, list) else []
        )

    found = references(document)
    assert len(found) > 50
    for reference in found:
        place: Any = document
        for name in reference.removeprefix("#/").split("/"):
            place = place[name]


def test_an_event_is_in_its_topic_s_channel(document: dict[str, Any]) -> None:
    for kind in PUBLIC_FACTS:
        assert kind.NAME in document["channels"][kind.TOPIC]["messages"]
        assert document["components"]["messages"][kind.NAME]["name"] == kind.ce_type()


def test_examples_fit_headers_and_payload(document: dict[str, Any]) -> None:
    for message in document["components"]["messages"].values():
        for part in ("headers", "payload"):
            schema = message[part] | {"components": document["components"]}
            jsonschema.validate(message["examples"][0][part], schema)
            with pytest.raises(jsonschema.ValidationError):
                jsonschema.validate({}, schema)


def test_a_stated_record_has_the_headers_of_the_document(document: dict[str, Any]) -> None:
    headers = document["components"]["schemas"]["CloudEventHeaders"]
    for kind in PUBLIC_FACTS:
        example = document["components"]["messages"][kind.NAME]["examples"][0]
        fact = kind.model_validate(example["payload"])
        record = to_record(fact, source="writer", now=SystemClock().now())
        told = {name: value.decode() for name, value in record.headers}
        jsonschema.validate(told, headers)
        assert told.keys() <= headers["properties"].keys()
        assert told["ce_id"] == example["headers"]["ce_id"]
