"""Every file of the corpus that the upload takes goes the whole way: its job ends as it must."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest
from tests.table_facts import unfinished_jobs

from sample_data.corpus import CASES, LARGE, Accepted, Case, Fails, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.road_client import RoadClient

    from devstack import Stack

IN_FLIGHT = 8
LARGE_IN_FLIGHT = 2
TAKEN = [case for case in CASES if not isinstance(case.must, Refused)]
VALUE_OF: dict[str, Callable[[str], object]] = {
    "TEXT": str,
    "ISO_DATE": str,
    "NUMBER": Decimal,
    "BOOL": "1".__eq__,
}
"""What JSON holds for a cell, by its tag. Any other is a serial number, written as a day or time;
the tests of `import_targets` know which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Road:
    """What the cases go through."""

    client: RoadClient
    database_url: str
    folder: Path

    def fault_of(self, case: Case) -> str:
        """Import a case; say what is wrong with the end of its job, "" if nothing is."""
        path = self.folder / f"{uuid4().hex}.xlsx"
        case.write(path)
        fields = {"sheet": case.sheet} if case.sheet else {}
        answer = self.client.post_file(path, case.target, **fields)
        path.unlink()
        if answer.status_code != 200:
            return answer.text
        job_id = str(answer.json()["jobId"])
        self.client.follow(job_id)
        job = self.client.job(job_id)
        if isinstance(case.must, Fails):
            return fault_of_failure(job, case.must)
        assert isinstance(case.must, Accepted)
        return self._fault_of_counts(job, case.must) or (
            self._fault_of_values(job_id, case.must) if case.target == "records" else ""
        )

    def _fault_of_counts(self, job: dict[str, Any], must: Accepted) -> str:
        page = self.client.http.get(job["links"]["errors"]).raise_for_status().json()
        errors = [(error["line"], error["column"], error["code"]) for error in page["errors"]]
        rejected = len(rejected_lines(must))
        found = (job["status"], job["totalRows"], job["successRows"], job["failedRows"], errors)
        status = "completed_with_errors" if rejected else "completed"
        expected = (status, must.rows, must.rows - rejected, rejected, list(must.errors))
        return "" if found == expected else f"{found} in place of {expected}"

    def _fault_of_values(self, job_id: str, must: Accepted) -> str:
        """Compare each row that was written with its cells."""
        if must.cells is None:
            return ""
        exactly = partial(json.loads, parse_float=Decimal, parse_int=Decimal)
        with psycopg.connect(self.database_url) as conn:
            found = {
                line: Counter(exactly(data).values())
                for line, data in conn.execute(
                    "SELECT sluice_line, data::text FROM sluice.records WHERE sluice_job = %s",
                    [job_id],
                )
            }
        rejected = rejected_lines(must)
        cells = {
            line: [cell for cell in row if cell is not None]
            for line, row in must.cells.items()
            if line not in rejected
        }
        known = {
            line: Counter(VALUE_OF[tag](text) for tag, text in row if tag in VALUE_OF)
            for line, row in cells.items()
        }
        is_right = found.keys() == cells.keys() and all(
            known[line] <= found[line] and found[line].total() == len(cells[line]) for line in cells
        )
        return "" if is_right else f"{found} in place of {cells}"


def rejected_lines(must: Accepted) -> set[int]:
    return {line for line, _, _ in must.errors}


def fault_of_failure(job: dict[str, Any], must: Fails) -> str:
    """Say what is wrong with the end of a job that must fail."""
    failure = job["failure"] or {"code": None, "message": ""}
    is_right = (job["status"], failure["code"]) == ("failed", must.code)
    if is_right and must.place in failure["message"]:
        return ""
    return f"{job['status']} {failure} in place of {must}"


def faults_of(cases: Sequence[Case], road: Road, in_flight: int) -> dict[str, str]:
    """Import cases, several at once; return what is wrong, by the name of the case."""
    with ThreadPoolExecutor(in_flight) as pool:
        found = pool.map(road.fault_of, cases)
        return {case.name: fault for case, fault in zip(cases, found, strict=True) if fault}


@pytest.fixture
def road(stack: Stack, client: RoadClient, tmp_path: Path) -> Road:
    return Road(client=client, database_url=stack.database_url, folder=tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("size", ["small", "large"])
def test_each_file_ends_as_the_corpus_says_and_leaves_nothing(
    road: Road, leftovers: Callable[[], list[str]], size: str
) -> None:
    cases = [case for case in TAKEN if (case in LARGE) == (size == "large")]
    in_flight = LARGE_IN_FLIGHT if size == "large" else IN_FLIGHT
    assert faults_of(cases, road, in_flight) == {}
    assert leftovers() == []
    assert unfinished_jobs(road.database_url) == 0
