"""Each threat of docs/threat-model.md has an answer that can be looked up."""

from __future__ import annotations

import re

import pytest
from tests.documents import ROOT

PAGE = ROOT / "docs" / "threat-model.md"
THREATS = [
    [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    for line in PAGE.read_text("utf-8").splitlines()
    if re.match(r"\| [STRIDE](, [STRIDE])* \|", line)
]


@pytest.mark.parametrize("threat", THREATS, ids=lambda threat: threat[1])
def test_a_threat_is_answered_by_something_that_is_there(threat: list[str]) -> None:
    _, what, answer, where = threat
    assert what
    assert answer
    named = re.findall(r"`([^`]+)`", where)
    assert named, "name the file or the test of its control"
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_boundary_is_looked_at_from_several_sides() -> None:
    sections = re.split(r"^## (?=\d )", PAGE.read_text("utf-8"), flags=re.MULTILINE)[1:]
    diagram = re.findall(r"\b\d: ", PAGE.read_text("utf-8"))
    assert len(sections) == len(diagram)
    for section in sections:
        sides = {side for cell in re.findall(r"^\| ([STRIDE, ]+) \|", section, re.MULTILINE)
                 for side in cell.split(", ")}  # fmt: skip
        assert len(sides) >= 2, section.splitlines()[0]


def test_every_letter_of_stride_occurs() -> None:
    assert {side for threat in THREATS for side in threat[0].split(", ")} == set("STRIDE")
