"""The committed examples are what consumers were promised: they decode for ever."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from importlib import resources

import jsonschema
import pytest

from sluice.errors import Poison, UnknownVersion
from sluice.events import PUBLIC_FACTS, Fact, decode, to_record
from sluice.events.schema_files import FOLDER, file_name, schema_files

KINDS = {kind.NAME: kind for kind in reversed(PUBLIC_FACTS)}
EXAMPLES = sorted((resources.files("sluice.events") / "examples").iterdir(), key=lambda p: p.name)
NOW = datetime(2026, 5, 31, 12, 0, tzinfo=UTC)


def _kind_of(name: str) -> type[Fact]:
    return KINDS[name.rpartition(".v")[0]]


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.NAME)
def test_every_event_has_an_example(kind: type[Fact]) -> None:
    assert f"{kind.NAME}.v{kind.VERSION}.json" in {path.name for path in EXAMPLES}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_is_decoded_and_encoded_to_the_same(path: resources.abc.Traversable) -> None:
    kind = _kind_of(path.name.removesuffix(".json"))
    fact = kind.from_body(path.read_bytes())
    again = json.loads(fact.body())
    assert {name: again[name] for name in json.loads(path.read_bytes())} == json.loads(
        path.read_bytes()
    )


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_fits_its_schema(path: resources.abc.Traversable) -> None:
    kind = _kind_of(path.name.removesuffix(".json"))
    schema = json.loads((FOLDER / file_name(kind)).read_text())
    jsonschema.validate(json.loads(path.read_bytes()), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"run": "not a number"}, schema)


def test_the_committed_schemas_are_those_of_the_classes() -> None:
    committed = {path.name: path.read_text() for path in FOLDER.glob("*.json")}
    assert committed == schema_files()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_a_fact_survives_its_envelope(path: resources.abc.Traversable) -> None:
    kind = _kind_of(path.name.removesuffix(".json"))
    fact = kind.from_body(path.read_bytes())
    record = to_record(fact, source="writer", now=NOW)
    headers = dict(record.headers)
    assert decode(KINDS, headers, record.value) == fact
    assert headers["ce_id"].startswith(str(fact.job_id).encode())
    assert headers["ce_specversion"] == b"1.0"
    assert record.key == str(fact.job_id).encode()


def test_the_same_fact_has_the_same_id_and_another_run_has_another() -> None:
    finished = KINDS["job-finished"].from_body(
        (resources.files("sluice.events") / "examples" / "job-finished.v1.json").read_bytes()
    )
    assert finished.ce_id() == finished.model_copy().ce_id()
    assert finished.ce_id() != finished.model_copy(update={"run": 2}).ce_id()


@pytest.mark.parametrize(
    ("ce_type", "body", "error"),
    [
        (b"io.sluice.imports.chunk-written.v2", b"{}", UnknownVersion),
        ("io.sluice.imports.chunk-written.v²".encode(), b"{}", Poison),
        (b"io.sluice.imports.chunk-written.v" + b"9" * 5_000, b"{}", Poison),
        (b"io.sluice.imports.nothing.v1", b"{}", Poison),
        (b"io.sluice.imports.chunk-written.vx", b"{}", Poison),
        (b"", b"{}", Poison),
        (b"io.sluice.imports.chunk-written.v1", b"not json", Poison),
        (b"io.sluice.imports.chunk-written.v1", b"{}", Poison),
    ],
)
def test_what_cannot_be_read_says_so(ce_type: bytes, body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        decode(KINDS, {"ce_type": ce_type}, body)


def test_a_bad_body_is_not_repeated_in_the_error() -> None:
    body = b'{"jobId": "secret-cell-value", "run": 1}'
    with pytest.raises(Poison) as caught:
        decode(KINDS, {"ce_type": b"io.sluice.imports.chunk-written.v1"}, body)
    assert "secret-cell-value" not in str(caught.value)
