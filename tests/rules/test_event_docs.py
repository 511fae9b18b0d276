"""What other teams build on is what the classes say, and stays what was promised."""

from __future__ import annotations

import re

import pytest
from scripts.write_event_docs import GUIDE, RELEASED, files, harmed

from sluice.events import PUBLIC_FACTS, Fact
from sluice.events.event_tables import BEGIN
from sluice.events.schema_changes import WHAT_TO_DO
from sluice.events.schema_files import file_name


def test_what_is_committed_is_what_the_classes_say() -> None:
    stale = [path.name for path, text in files().items() if path.read_text("utf-8") != text]
    assert stale == [], "run `python scripts/write_event_docs.py` and commit what it writes"


def test_no_consumer_of_the_last_release_is_harmed() -> None:
    assert len(list(RELEASED.glob("*.json"))) > 15
    assert harmed() == {}, WHAT_TO_DO


@pytest.mark.parametrize("kind", PUBLIC_FACTS, ids=lambda kind: kind.__name__)
def test_every_member_of_an_event_says_what_it_is(kind: type[Fact]) -> None:
    silent = [name for name, field in kind.model_fields.items() if not field.description]
    assert silent == [], "write a docstring under it: consumers read it"


def test_the_guide_tells_every_event_and_no_other() -> None:
    told = re.findall(r"^### `([a-z-]+)` on `([a-z.-]+)`$", GUIDE.read_text("utf-8"), re.MULTILINE)
    assert sorted(told) == sorted((kind.NAME, kind.TOPIC) for kind in PUBLIC_FACTS)


def test_the_guide_s_prose_names_only_what_there_is() -> None:
    prose, _, _ = GUIDE.read_text("utf-8").partition(BEGIN)
    words = set(re.findall(r"`([a-z]+-[a-z]+(?:-[a-z]+)?)(?:\.v1)?`", prose))
    known = {kind.NAME for kind in PUBLIC_FACTS}
    others = {"content-type", "sluice-repair"}
    assert words - others - known == set()


def test_a_removed_event_is_noticed() -> None:
    names = {path.name for path in RELEASED.glob("*.json")}
    assert names == {file_name(kind) for kind in PUBLIC_FACTS}
