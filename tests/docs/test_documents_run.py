"""What the documents tell people to type is typed, in order, and does what they say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from tests.docs.document_shell import DocumentShell, looks_like, script_of
from tests.documents import Block, all_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.road_client import RoadClient

    from devstack import Stack

TYPED = [
    block
    for block in all_blocks()
    if block.runs_in_a_shell or (block.language == "python" and block.mark is None)
]
DOCUMENTS = sorted({block.document for block in TYPED})


@pytest.fixture
def shell(stack: Stack, client: RoadClient, tmp_path: Path) -> Iterator[DocumentShell]:
    del client  # it empties the table
    before = set((stack.folder / "targets").iterdir())
    yield DocumentShell(tmp_path, stack)
    for added in set((stack.folder / "targets").iterdir()) - before:
        added.unlink()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_can_be_followed(document: str, shell: DocumentShell) -> None:
    blocks = [block for block in TYPED if block.document == document]
    shown = shell.run(blocks)
    assert list(shown) == [block.place for block in blocks]
    for block in blocks:
        for line in block.shown:
            assert re.search(looks_like(line), shown[block.place]), f"{block.place}: {line}"


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
