"""Every case of the corpus, by the reader alone (measured) and by `sluice check`.

The upload API is asked about the same cases in services/upload-api/tests; those that it takes go
the whole road in tests/e2e, which also measures what a refusal takes of the running services.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cli.__main__ import run
from cli.exit_codes import DONE, ROW_ERRORS, UNUSABLE
from sample_data.corpus import CASES, LARGE, Accepted, Case, Fails, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.corpus.measured_reader import MeasuredReader

MOST_GROWTH_MB = 64
TARGETS = Path(__file__).parents[2] / "targets"

every_case = pytest.mark.parametrize(
    "case",
    [pytest.param(case, marks=pytest.mark.slow if case in LARGE else ()) for case in CASES],
    ids=lambda case: case.name,
)


@every_case
def test_the_reader_gives_the_verdict_within_its_memory(
    case: Case, reader: MeasuredReader, written: Callable[[Case], Path]
) -> None:
    path = written(case)
    head = reader.read_head(path, case.sheet)
    assert head["growthMb"] <= MOST_GROWTH_MB
    if isinstance(case.must, Refused):
        check_error(head["error"], expected_reader_code(case.must), case.must.place)
        assert head["left"] == []
        return
    assert head["error"] is None
    with_cells = isinstance(case.must, Accepted) and case.must.cells is not None
    whole = reader.read_whole(path, case.sheet, cells=with_cells)
    assert whole["growthMb"] <= MOST_GROWTH_MB
    assert whole["left"] == []
    if isinstance(case.must, Fails):
        check_error(whole["error"], case.must.code, case.must.place)
    else:
        check_cells(whole, case.must)


@every_case
def test_check_tells_the_same(
    case: Case, written: Callable[[Case], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(case)
    sheet = ["--sheet", case.sheet] if case.sheet else []
    arguments = ["check", str(path), "--json", "--target", case.target, "--dir", str(TARGETS)]
    exit_code = run([*arguments, *sheet])
    found = json.loads(capsys.readouterr().out)
    if not isinstance(case.must, Accepted):
        assert exit_code == UNUSABLE
        assert found["refusal"]["code"] == check_code(case.must)
        return
    assert found["refusal"] is None
    errors = [(e["line"], e["column"], e["code"]) for e in found["errors"]]
    assert errors == list(case.must.errors)
    assert all(error["message"] for error in found["errors"])
    assert found["rows"] == case.must.rows
    assert exit_code == (ROW_ERRORS if case.must.errors else DONE)


def expected_reader_code(must: Refused) -> str:
    return must.code if must.reader_code is None else must.reader_code


def check_code(must: Refused | Fails) -> str:
    """Return what check says: the reader's word where it has one, the header's otherwise."""
    return (must.reader_code if isinstance(must, Refused) else None) or must.code


def check_error(error: dict[str, str] | None, code: str, place: str) -> None:
    """The code is right, the place is named, and the message says something to do."""
    if not code:
        assert error is None
        return
    assert error is not None
    assert error["code"] == code
    assert error["place"]
    assert place in error["place"]
    assert error["message"].count(".") > 1 or ";" in error["message"], error["message"]


def check_cells(whole: dict[str, Any], must: Accepted) -> None:
    assert whole["error"] is None
    if must.cells is None:
        assert whole["rows"] == must.rows + 1
        return
    found = {
        int(line): tuple(None if cell is None else tuple(cell) for cell in cells)
        for line, cells in whole["cells"].items()
    }
    data = {line: found[line] for line in sorted(found)[-len(must.cells) :] if must.cells}
    assert data == must.cells


def test_the_corpus_has_no_case_twice_and_says_of_each_why_it_is_there() -> None:
    names = Counter(case.name for case in CASES)
    assert names.most_common(1)[0][1] == 1
    assert all(case.why for case in CASES)
