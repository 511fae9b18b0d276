"""The figures of README, scaling and operations are what the measured costs come to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scripts.scaling_model import (
    COSTS,
    DOCUMENTS,
    LOAD,
    SINGLE,
    STAGES,
    TABLES,
    Costs,
    answer,
    bottleneck,
    capacities,
    cores_for,
    with_tables,
)

MEASURED = Costs.read()
EASY = Costs(
    cpu_s={"parser": 4.0, "kafka": 1.0, "writer": 2.0, "postgres": 2.5, "progress-fold": 0.5},
    room=MEASURED.room,
    memory_mb=MEASURED.memory_mb,
    rows_per_s=100_000,
    machine="a machine",
    taken="in a test",
)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_the_tables_are_made_of_what_was_measured(path: object) -> None:
    text = getattr(path, "read_text")("utf-8")  # noqa: B009 - a Path of DOCUMENTS
    assert text == with_tables(text, MEASURED), "run `python -m scripts.scaling_model`"


def test_every_table_stands_in_a_document() -> None:
    text = "".join(path.read_text("utf-8") for path in DOCUMENTS)
    assert [name for name in TABLES if f"<!-- made: {name} -->" not in text] == []


def test_every_stage_was_measured() -> None:
    assert COSTS.is_file()
    assert set(STAGES) <= set(MEASURED.cpu_s)
    assert sum(MEASURED.cpu_s.values()) > 0


def test_the_slowest_stage_bounds_the_others() -> None:
    cores = {"parser": 2.0, "writer": 2.0, "postgres": 2.0}
    assert capacities(EASY, cores) == {"parser": 5e5, "writer": 1e6, "postgres": 8e5}
    assert bottleneck(EASY, cores) == ("parser", 5e5)
    assert bottleneck(EASY, cores | {"parser": 4.0}) == ("postgres", 8e5)


def test_a_replica_is_written_again() -> None:
    assert capacities(EASY, {"kafka": 3.0}, replicas=3)["kafka"] == 1e6


@pytest.mark.parametrize("stage", SINGLE)
def test_what_is_single_gains_nothing_by_cores(stage: str) -> None:
    costs = replace(EASY, cpu_s={stage: 0.5})
    assert capacities(costs, {stage: 8.0}) == capacities(costs, {stage: 1.0})


def test_planned_cores_take_the_rate_without_being_full() -> None:
    needed = cores_for(EASY, 300_000)
    assert needed["parser"] == pytest.approx(0.3 * 4.0 / LOAD)
    _, rate = bottleneck(EASY, {name: count for name, count in needed.items() if count})
    assert rate == pytest.approx(300_000 / LOAD)


def test_an_answer_names_the_bound() -> None:
    assert "parser bounds it: 250,000 rows/s" in answer(EASY, ["writer=8", "postgres=8"])
    with pytest.raises(SystemExit, match="no such stage: reader"):
        answer(EASY, ["reader=2"])
