"""The page of benchmarks shows what the raw results say, and every benchmark that there is."""

from __future__ import annotations

import re
from pathlib import Path

from scripts.write_benchmark_docs import PAGE, TABLES, page_text

MAKEFILE = Path(__file__).parents[2] / "Makefile"


def test_the_tables_are_made_of_the_raw_results() -> None:
    stale = PAGE.read_text("utf-8") != page_text()
    assert not stale, "run `python -m scripts.write_benchmark_docs` and commit what it writes"


def test_every_table_has_its_place() -> None:
    shown = re.findall(r"<!-- table: ([a-z-]+) -->", PAGE.read_text("utf-8"))
    assert sorted(shown) == sorted(TABLES)


def test_every_benchmark_is_on_the_page() -> None:
    targets = set(re.findall(r"^(bench(?:-[a-z]+)?):", MAKEFILE.read_text("utf-8"), re.MULTILINE))
    told = set(re.findall(r"`make (bench(?:-[a-z]+)?)", PAGE.read_text("utf-8")))
    assert targets == told
