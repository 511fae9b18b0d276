"""What the documents tell people to type is typed, in order, and does what they say."""

from __future__ import annotations

import re
from contextlib import closing
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg
import pytest
from tests.docs.dead_import import fail_by_a_letter
from tests.docs.document_shell import DocumentShell, looks_like, script_of
from tests.documents import Block, all_blocks
from tests.road_client import RoadClient

from cli.__main__ import run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.conftest import Workbook

    from devstack import Stack

TYPED = [
    block
    for block in all_blocks()
    if block.runs_in_a_shell or (block.language == "python" and block.mark is None)
]
DOCUMENTS = sorted({block.document for block in TYPED})


MANUAL = "docs/operations.md"
ANNA = "the password of Anna"


@pytest.fixture
def shell(
    request: pytest.FixtureRequest, stack: Stack, client: RoadClient, tmp_path: Path
) -> Iterator[DocumentShell]:
    del client  # it empties the table
    before = set((stack.folder / "targets").iterdir())
    is_manual = request.node.callspec.params["document"] == MANUAL
    if is_manual:
        request.getfixturevalue("letter_of_anna")
    yield DocumentShell(tmp_path, stack, is_an_operator_s=is_manual)
    for added in set((stack.folder / "targets").iterdir()) - before:
        added.unlink()
    with psycopg.connect(stack.database_url, autocommit=True) as conn:
        conn.execute("DROP TABLE IF EXISTS customers")


@pytest.fixture
def letter_of_anna(
    stack: Stack, orders: Callable[..., Workbook], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the manual is about: an import of Anna's that failed by a dead letter."""
    monkeypatch.setenv("SLUICE_DATABASE_URL", stack.database_url)
    monkeypatch.setenv("SLUICE_NEW_PASSWORD", ANNA)
    assert run(["user", "add", "anna"]) == 0
    with closing(RoadClient(stack.gateway, "anna", ANNA)) as anna:
        job = UUID(anna.upload(orders(1_000).path, "orders"))
        anna.follow(str(job))
    fail_by_a_letter(stack, job)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_can_be_followed(document: str, shell: DocumentShell) -> None:
    blocks = [block for block in TYPED if block.document == document]
    shown = shell.run(blocks)
    assert list(shown) == [block.place for block in blocks]
    for block in blocks:
        for line in block.shown:
            assert re.search(looks_like(line), shown[block.place]), f"{block.place}: {line}"


def test_erasing_a_person_ends_what_she_runs(
    stack: Stack,
    client: RoadClient,
    orders: Callable[..., Workbook],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    del client  # it empties the table
    monkeypatch.setenv("SLUICE_DATABASE_URL", stack.database_url)
    monkeypatch.setenv("SLUICE_NEW_PASSWORD", ANNA)
    assert run(["user", "add", "anna"]) == 0
    run(["user", "add", "olga"])  # unless the manual was followed before
    with closing(RoadClient(stack.gateway, "anna", ANNA)) as anna:
        job = anna.upload(orders(100_000).path, "orders")
        anna.http.post(f"/api/jobs/{job}/pause").raise_for_status()
    shell = DocumentShell(tmp_path, stack, is_an_operator_s=True)
    sign_in = block_of(f"export SLUICE_USER=olga SLUICE_PASSWORD='{ANNA}'\n")
    [erase] = [block for block in TYPED if "user disable anna\n" in block.text]
    shell.run([sign_in, erase])
    with psycopg.connect(stack.database_url) as conn:
        assert conn.execute("SELECT FROM sluice.jobs WHERE job_id = %s", [job]).fetchall() == []


def block_of(text: str, language: str = "sh", mark: str | None = None) -> Block:
    return Block(document="x.md", line=1, language=language, text=text, mark=mark)


def test_a_line_of_output_is_compared_by_its_shape() -> None:
    assert re.search(
        looks_like("12 rows under 3 seals … done"), "7  rows under 41 seals and so on, done"
    )
    assert not re.search(looks_like("12 rows"), "12 files")


def test_a_block_may_be_said_to_end_otherwise() -> None:
    assert "[ $status = 1 ]" in script_of([block_of("false\n", mark="ends with 1")])
    assert "python - <<" in script_of([block_of("print(1)\n", "python")])
