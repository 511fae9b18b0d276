"""A real reading child, and what it cannot do whatever its file brings it to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests import hostile_readers

from parser.adapters.read_order import ReadOrder
from parser.adapters.sheet_reader import (
    ChunkRead,
    Died,
    Ended,
    Frame,
    SheetReader,
)
from parser.domain.chunk_policy import CHUNKER_VERSION
from sample_data import generate_orders
from sluice.confinement.child import layers_of_confinement, prepare_forkserver
from sluice.confinement.layers import without_secrets
from sluice.confinement.reader_limits import ReaderLimits
from sluice.storage import ReadableFile
from sluice.storage.spool import Spool
from xlsx_reader import peek

WITHIN_S = 120
# What stops each attempt: its layer may be missing where the tests run, the others hold.
STOPPED_BY = {
    "open a socket": "seccomp",
    "start a process": "seccomp",
    "signal the parent": "seccomp",
    "read the parent's environment": "landlock",
    "read another file": "landlock",
    "write beside the file": "landlock",
    "change the file": "landlock",
    "write more than is allowed": "limits",
    "open many files": "limits",
    "become more than it is": "capabilities",
}
Start = Callable[..., SheetReader]
Lend = Callable[[Path], ReadableFile]


def named(path: Path) -> ReadableFile:
    return ReadableFile(str(path))


def nameless(path: Path) -> ReadableFile:
    """Return a copy as files come from afar: open, and under no name."""
    spool = Spool(None)
    spool.write(path.read_bytes())
    return spool.readable()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Return a function that starts a reader of a small workbook."""
    prepare_forkserver("parser.adapters.sheet_child")
    path, spill_dir = tmp_path / "in" / "a.xlsx", tmp_path / "spill"
    path.parent.mkdir()
    spill_dir.mkdir()
    generate_orders(path, 2_500)
    readers: list[SheetReader] = []

    def started(read: Any = None, lend: Lend = named, **limits: Any) -> SheetReader:
        file = lend(path)
        order = ReadOrder(
            job_id=UUID(int=1),
            run=1,
            file=file,
            sheet=peek(path).sheet.name,
            header_line=1,
            written=frozenset(),
            chunk_rows=1000,
            chunker_version=CHUNKER_VERSION,
            spill_dir=str(spill_dir),
            limits=ReaderLimits(**limits),
        )
        readers.append(SheetReader(order, read) if read else SheetReader(order))
        file.close()
        return readers[-1]

    yield started
    for reader in readers:
        reader.kill()


def frame_of(reader: SheetReader) -> Frame:
    assert wait([reader.pipe], WITHIN_S), "the reader says nothing"
    return reader.next_frame()


@pytest.mark.parametrize("lend", [named, nameless])
def test_a_confined_reader_reads_a_sound_workbook(start: Start, lend: Lend) -> None:
    reader = start(lend=lend)
    frames = [frame_of(reader) for _ in range(5)]
    assert [type(frame) for frame in frames[1:4]] == [ChunkRead] * 3
    assert isinstance(frames[4], Ended)
    assert frames[4].total_rows == 2_500


@pytest.mark.parametrize(
    ("read", "limits", "why"),
    [
        (hostile_readers.spin, {"cpu_s": 1}, "exit code -24"),
        (hostile_readers.allocate, {"memory_mib": 512}, "exit code 1"),
        (hostile_readers.babble, {}, "a frame that is none"),
    ],
)
def test_a_reader_beyond_its_limits_dies_and_the_next_one_reads(
    start: Start, read: Any, limits: dict[str, int], why: str
) -> None:
    died = frame_of(start(read, **limits))
    assert isinstance(died, Died)
    assert why in died.why
    assert not isinstance(frame_of(start()), Died)


def test_what_a_sheet_may_cost_grows_with_its_size(start: Start) -> None:
    """A reader that used up the seconds for opening goes on with those for its sheet."""
    reader = start(cpu_s=1, cpu_s_per_mib=60.0)
    frames = [frame_of(reader) for _ in range(5)]
    assert isinstance(frames[4], Ended)


def results_of(reader: SheetReader) -> tuple[list[str], dict[str, str]]:
    assert wait([reader.pipe], WITHIN_S)
    layers, results = json.loads(reader.pipe.recv_bytes())
    return layers, results


@pytest.mark.parametrize("lend", [named, nameless])
def test_a_reader_can_do_nothing_but_read_its_file_and_spill(
    start: Start, lend: Lend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLUICE_DATABASE_URL", "postgresql://user:secret@host/db")
    layers, results = results_of(start(hostile_readers.try_everything, lend=lend))
    assert layers[0] == "limits"
    assert (results["read the file"], results["spill"]) == ("done", "done")
    done = {
        name for name, layer in STOPPED_BY.items() if layer in layers and results[name] == "done"
    }
    assert done == set()
    assert results["secret in the environment"] == "False"
    assert results["secret at the start"] in ("False", "PermissionError")


def test_without_its_confinement_a_reader_could_do_it(start: Start) -> None:
    """What the test above refuses is no matter of course."""
    _, results = results_of(start(hostile_readers.try_everything_unconfined))
    stopped = {name for name in STOPPED_BY if results[name] != "done"}
    assert stopped <= {"become more than it is"}  # nobody but root may


def test_the_layers_that_apply_here_are_known(tmp_path: Path) -> None:
    prepare_forkserver("parser.adapters.sheet_child")
    layers = layers_of_confinement(ReaderLimits(), str(tmp_path))
    assert {"limits", "no new privileges"} <= set(layers)


def test_the_environment_of_children_holds_no_secret_of_ours() -> None:
    environ = {
        "PATH": "/bin",
        "LC_ALL": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "SLUICE_READER": "python",
        "SLUICE_DATABASE_URL": "postgresql://user:secret@host/db",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }
    kept = {"PATH", "LC_ALL", "PYTHONUNBUFFERED", "SLUICE_READER"}
    assert set(without_secrets(environ)) == kept
