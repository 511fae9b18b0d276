"""Somebody's own tables: a target file that comes while all runs, its template, its mistakes."""

from __future__ import annotations

import os
from io import BytesIO
from typing import TYPE_CHECKING, Any

import openpyxl
import psycopg
import pytest

from import_targets import create_table_sql, in_order_of_references, load_targets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.road_client import RoadClient

    from devstack import Stack

PEOPLE = """
name: e2e_people
table: e2e_people
key: [person_id]
columns:
  - {name: person_id, type: bigint, required: true}
"""
VISITS = """
name: e2e_visits
table: e2e_visits
columns:
  - {name: visit_number, type: bigint, required: true, unique: true}
  - {name: person, type: bigint, references: e2e_people.person_id}
  - {name: arrived_on, type: date, required: true, min: 2020-01-01}
  - {name: purpose, type: text, required: true, enum: [work, pleasure]}
"""
ROWS: list[list[Any]] = [
    [1, 7, "2024-05-31", "work"],
    [2, 8, "2024-05-31", "work"],
    [1, 7, "2024-06-01", "pleasure"],
    ["x", 7, "2019-12-31", "war"],
    [3, None, "2024-06-02", "pleasure"],
]


@pytest.fixture(scope="module")
def folder(stack: Stack) -> Iterator[Path]:
    """The folder of target files that the services read; what a test adds goes at the end."""
    folder = stack.folder / "targets"
    yield folder
    for name in ("people.yaml", "visits.yaml"):
        (folder / name).unlink(missing_ok=True)


def write(folder: Path, name: str, text: str, age_s: int) -> None:
    path = folder / name
    path.write_text(text)
    changed_s = path.stat().st_mtime - age_s
    os.utime(path, (changed_s, changed_s))


def make_tables(stack: Stack, folder: Path) -> None:
    targets = [t for t in load_targets(folder).values() if t.name.startswith("e2e_")]
    with psycopg.connect(stack.database_url, autocommit=True) as conn:
        for target in in_order_of_references(targets):
            conn.execute(create_table_sql(target).encode())
        conn.execute("INSERT INTO e2e_people (person_id) VALUES (7) ON CONFLICT DO NOTHING")


def test_a_template_of_a_new_target_goes_the_road_and_every_mistake_is_named(
    stack: Stack, client: RoadClient, folder: Path, tmp_path: Path
) -> None:
    write(folder, "people.yaml", PEOPLE, 60)
    write(folder, "visits.yaml", VISITS, 60)
    make_tables(stack, folder)
    answer = client.http.get("/api/targets/e2e_visits/template.xlsx").raise_for_status()
    book = openpyxl.load_workbook(BytesIO(answer.content))
    book.worksheets[0]["A1"] = "Visit numbber"
    for row in ROWS:
        book.worksheets[0].append(row)
    path = tmp_path / "visits.xlsx"
    book.save(path)
    job_id = client.upload(path, "e2e_visits")
    assert client.follow(job_id)[-1].data["status"] == "completed_with_errors"
    errors = client.http.get(f"/api/jobs/{job_id}/errors").raise_for_status().json()["errors"]
    assert [(e["line"], e["field"], e["code"]) for e in errors] == [
        (3, "person", "UNKNOWN_REFERENCE"),
        (4, "visit_number", "DUPLICATE_KEY"),
        (5, "visit_number", "NOT_A_NUMBER"),
        (5, "arrived_on", "OUT_OF_RANGE"),
        (5, "purpose", "NOT_IN_LIST"),
    ]
    with psycopg.connect(stack.database_url) as conn:
        found = conn.execute(
            "SELECT visit_number, person FROM e2e_visits WHERE sluice_job = %s ORDER BY 1",
            [job_id],
        ).fetchall()
    assert found == [(1, 7), (3, None)]


def test_a_faulty_file_changes_nothing_and_a_mended_one_counts(
    client: RoadClient, folder: Path
) -> None:
    def version() -> str:
        answer = client.http.get("/api/targets/e2e_people").raise_for_status()
        return str(answer.json()["version"])

    write(folder, "people.yaml", PEOPLE, 50)
    write(folder, "visits.yaml", VISITS, 50)
    before = version()
    write(folder, "people.yaml", PEOPLE.replace("bigint", "big"), 40)
    assert version() == before
    # What a foreign key of another file needs is a fault too
    write(folder, "people.yaml", PEOPLE.replace("bigint", "integer"), 35)
    assert version() == before
    write(folder, "people.yaml", f"{PEOPLE}  - {{name: name, type: text}}\n", 30)
    assert version() != before
