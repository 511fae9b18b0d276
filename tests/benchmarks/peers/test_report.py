"""The table and its figures come from the raw results, and the pages have the table of today's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.benchmarks.peers import figures, report
from tests.benchmarks.raw_results import ROOT, read_results


def entry(peer: str, strings: str = "inline", *walls: float, **changed: Any) -> figures.Entry:
    run = {
        "cpu_s": {"client": 2.0, "postgres": 1.5},
        "peak_mb": {"client": 100.0, "postgres": 300.0},
        "exact": True,
        "content": "1",
        "damaged_rows": 0,
    }
    runs = [{**run, "wall_s": wall_s, **changed} for wall_s in walls]
    return {"peer": peer, "strings": strings, "runs": runs}


def test_a_peer_is_told_by_its_medians() -> None:
    java = figures.by_peer([entry("java", "inline", 9.0, 3.0, 4.0)])["java"]["inline"]
    assert (java.wall_s, java.cpu_s, java.runs) == (4.0, 3.5, 3)


def test_the_memory_is_that_of_the_largest_process_but_the_database() -> None:
    peaks = {"client": 50.0, "kafka": 400.0, "writer": 120.0, "postgres": 900.0}
    sluice = figures.Figures.of(entry("sluice", "inline", 3.0, peak_mb=peaks))
    assert (sluice.largest, sluice.peak_mb, sluice.own_peak_mb) == ("kafka", 400.0, 120.0)


def test_a_peer_is_ahead_where_it_takes_less() -> None:
    text = report.table(
        [
            entry("java", "inline", 4.0, peak_mb={"client": 20.0}),
            entry("duckdb", "inline", 2.0, cpu_s={"client": 9.0}),
            entry("sluice", "inline", 3.0),
        ]
    )
    rows = {line.split("|")[1].strip(): line.split("|")[-2].strip() for line in text.splitlines()}
    assert rows["Java: fastexcel-reader, CopyManager"] == "memory"
    assert rows["DuckDB, its Excel and PostgreSQL extensions"] == "time"


def test_a_table_whose_cells_differ_is_told() -> None:
    text = report.table(
        [
            entry("node", "inline", 20.0, content="2", damaged_rows=12),
            entry("sluice", "inline", 3.0),
        ]
    )
    assert "damages letters in 12 rows" in text
    assert text.count("damages") == 1


def test_damaged_loads_are_no_measure_of_the_others() -> None:
    damaged = {"content": "2", "damaged_rows": 12}
    peers = [
        entry("node", "inline", 20.0, **damaged),
        entry("node-pause", "inline", 120.0, **damaged),
        entry("java", "inline", 4.0),
    ]
    assert figures.unlike(figures.by_peer(peers)) == {"node", "node-pause"}


def test_a_page_without_marks_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing to see")
    with pytest.raises(ValueError, match="peers:begin"):
        report.write(page, "| table |\n")


@pytest.mark.parametrize("page", report.PAGES, ids=str)
def test_a_page_has_the_table_of_the_raw_results(page: Path) -> None:
    text = report.table(read_results("peers"))
    assert f"{report.BEGIN}\n{text}{report.END}" in (ROOT / page).read_text(encoding="utf-8")
