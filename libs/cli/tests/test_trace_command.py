"""`sluice trace` shows the spans of one import, whatever their order in the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.__main__ import run

JOB = "3f0e"


def span(name: str, number: int, parent: int | None, **more: Any) -> dict[str, Any]:
    return {
        "traceId": "t",
        "spanId": str(number),
        "parentSpanId": None if parent is None else str(parent),
        "name": name,
        "service": "sluice-writer",
        "startTimeUnixNano": number * 1_000_000,
        "endTimeUnixNano": number * 1_000_000 + 2_500_000,
        "attributes": {},
        "error": None,
    } | more


def test_each_span_is_below_its_parent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spans = [
        span("COMMIT", 3, 2, error="Outage"),
        span("other", 9, None, traceId="u"),
        span("process", 2, 1, attributes={"sluice.chunk.no": 7}),
        span("upload", 1, None, attributes={"sluice.job.id": JOB}),
        span("settle", 4, 1),
    ]
    path = tmp_path / "traces.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in spans))
    assert run(["trace", JOB, "--file", str(path)]) == 0
    shown = [line.rpartition(" ms  ")[2] for line in capsys.readouterr().out.splitlines()]
    assert shown == [
        "upload [writer]",
        "  process [writer]  no=7",
        "    COMMIT [writer]  FAILED Outage",
        "  settle [writer]",
    ]
    assert run(["trace", "unknown", "--file", str(path)]) == 1


def test_a_line_that_is_being_written_is_left_out_and_another_file_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "traces.jsonl"
    upload = json.dumps(span("upload", 1, None, attributes={"sluice.job.id": JOB})) + "\n"
    path.write_text(upload + upload[:40])
    assert run(["trace", JOB, "--file", str(path)]) == 0
    for other in (b"PK\x03\x04\xcc\n", b"no JSON\n", b"7\n", b"{}\n"):
        path.write_bytes(upload.encode() + other)
        assert run(["trace", JOB, "--file", str(path)]) == 2
        assert f"{path}, line 2: no span" in capsys.readouterr().err
