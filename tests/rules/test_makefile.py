"""What stops and what tells works in a fresh clone, too, and sets nothing up for it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.documents import ROOT


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with what `make` reads, where nothing was set up."""
    (tmp_path / "scripts").mkdir()
    for name in ("Makefile", "requirements.txt", "scripts/find_python.sh"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def make(folder: Path, *arguments: str, **given: str) -> subprocess.CompletedProcess[str]:
    """Run it as somebody does at a terminal, not as a part of the `make` that runs the tests."""
    ours = ("MAKE", "MFL", "SLUICE_STACKS")
    env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    # Of a locale that the machine lacks, a shell says so.
    env = {**env, "LC_ALL": "C", **given}
    return subprocess.run(
        ["make", *arguments], cwd=folder, env=env, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("target", ["down", "status", "clean"])
def test_where_nothing_was_set_up_there_is_nothing_to_stop(clone: Path, target: str) -> None:
    done = make(clone, target)
    assert (done.returncode, done.stderr) == (0, "")
    assert not (clone / ".venv").exists()


@pytest.mark.parametrize("target", ["down", "status", "clean"])
def test_a_stack_whose_programs_are_gone_is_told_and_kept(clone: Path, target: str) -> None:
    kept = clone / ".sluice" / "demo" / "state.json"
    kept.parent.mkdir(parents=True)
    kept.touch()
    done = make(clone, target)
    assert done.returncode != 0
    assert "run `make setup`, then this again" in done.stderr
    assert kept.exists()


@pytest.mark.parametrize("target", ["down", "status"])
def test_a_stack_that_is_kept_elsewhere_is_told_too(clone: Path, target: str) -> None:
    (clone / "elsewhere").mkdir()
    done = make(clone, target, SLUICE_STACKS=str(clone / "elsewhere"))
    assert done.returncode != 0
    assert "run `make setup`, then this again" in done.stderr


def test_clean_ends_every_stack_of_the_folder_and_deletes_what_it_kept(clone: Path) -> None:
    program = clone / ".venv" / "bin" / "sluice"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\necho "$* of $SLUICE_STACKS"\n')
    program.chmod(0o755)
    for name in ("demo", "other"):
        (clone / ".sluice" / name).mkdir(parents=True)
    done = make(clone, "clean", SLUICE_STACKS="/another/folder/of/stacks")
    assert done.stdout.splitlines() == [
        f"down --delete --name {name} of {clone}/.sluice" for name in ("demo", "other")
    ]
    assert not (clone / ".sluice").exists()


def test_pins_are_made_in_a_fresh_clone(clone: Path) -> None:
    planned = make(clone, "--dry-run", "pins").stdout
    assert planned.index("venv .venv") < planned.index("uv pip compile")
