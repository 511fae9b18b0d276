"""A failpoint strikes where and when it was asked to, and never in production."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, get_args

import pytest

from sluice import failpoints
from sluice.clock import SystemClock
from sluice.errors import SettingsError
from sluice.failpoints import FailpointError, Point, failpoint
from sluice.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

POINT: Point = "writer.before_tx"
PASS_TWICE = """
import sys
from pathlib import Path
from sluice import failpoints
failpoints.arm_from(Path(sys.argv[1]))
for _ in range(2):
    failpoints.failpoint("writer.before_tx")
print("alive")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    failpoints.arm_from(tmp_path)
    yield tmp_path
    failpoints.arm_from(None)


def run_child(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PASS_TWICE, str(folder)],
        capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip


def test_a_point_that_nobody_armed_does_nothing(folder: Path) -> None:
    failpoint(POINT)


def test_without_a_folder_no_file_counts(folder: Path) -> None:
    (folder / POINT).write_text("raise")
    failpoints.arm_from(None)
    failpoint(POINT)


def test_a_point_raises_until_its_file_is_gone(folder: Path) -> None:
    (folder / POINT).write_text("raise")
    for _ in range(2):
        with pytest.raises(FailpointError):
            failpoint(POINT)
    (folder / POINT).unlink()
    failpoint(POINT)


def test_a_number_means_that_passage_only_since_it_was_armed(folder: Path) -> None:
    """A process that had passed before could not be struck at its first passage any more."""
    failpoint(POINT)
    (folder / POINT).write_text("raise@2")
    failpoint(POINT)
    with pytest.raises(FailpointError):
        failpoint(POINT)
    failpoint(POINT)


def test_a_kill_strikes_once_and_spares_the_next_life(tmp_path: Path) -> None:
    (tmp_path / POINT).write_text("kill@2")
    assert run_child(tmp_path).returncode == -signal.SIGKILL
    next_life = run_child(tmp_path)
    assert (next_life.returncode, next_life.stdout) == (0, "alive\n")
    assert not (tmp_path / POINT).exists()


@pytest.mark.parametrize(
    ("variable", "value"), [("SLUICE_FAILPOINTS_DIR", "/points"), ("SLUICE_CLOCK_SHIFT_S", "300")]
)
def test_production_refuses_to_be_sabotaged(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match="for tests"):
        Settings.from_env({variable: value})
    Settings.from_env({variable: value, "SLUICE_ENVIRONMENT": "test"})


def test_a_shifted_clock_is_wrong_by_the_shift() -> None:
    difference = SystemClock(300.0).now() - SystemClock().now()
    assert abs(difference - timedelta(minutes=5)) < timedelta(seconds=10)


def test_the_points_have_names_that_files_can_have() -> None:
    for name in get_args(Point):
        assert "/" not in name
