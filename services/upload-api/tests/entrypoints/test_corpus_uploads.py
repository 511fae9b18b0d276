"""Every case of the corpus is uploaded: its answer is the right one, and nothing bad is kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sample_data.corpus import CASES, Case, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Api

TARGETS = Path(__file__).parents[4] / "targets"


def fault_of(case: Case, api: Api, path: Path) -> str:
    """Upload a case; say what is wrong with the answer or with what was kept, "" if nothing is."""
    before = len(api.stored())
    case.write(path)
    fields = {"target": case.target} | ({"sheet": case.sheet} if case.sheet else {})
    answer = api.upload(path.read_bytes(), path.name, **fields)
    path.unlink()
    body, kept = answer.json(), len(api.stored()) - before
    if not isinstance(case.must, Refused):
        return "" if (answer.status_code, kept) == (200, 1) else f"{answer.status_code} {body}"
    is_right = (answer.status_code, body["code"]) == (case.must.status, case.must.code)
    if is_right and case.must.place in body["detail"] and kept == 0:
        return ""
    return f"{answer.status_code} {body}, {kept} files kept"


@pytest.mark.timeout(900)
def test_every_upload_is_answered_as_the_corpus_says(
    start_api: Callable[..., Api], tmp_path: Path
) -> None:
    """One server takes them all in turn: a hundred refusals leave it as it was."""
    api = start_api(SLUICE_TARGETS_DIR=str(TARGETS), SLUICE_MAX_UNFINISHED_JOBS=str(len(CASES)))
    faults = {case.name: fault_of(case, api, tmp_path / "case.xlsx") for case in CASES}
    assert {name: fault for name, fault in faults.items() if fault} == {}
    accepted = sum(not isinstance(case.must, Refused) for case in CASES)
    assert api.rows("SELECT count(*) FROM sluice.jobs") == [(accepted,)]
    assert api.rows("SELECT count(*) FROM sluice.outbox") == [(accepted,)]
    assert len(api.stored()) == accepted
