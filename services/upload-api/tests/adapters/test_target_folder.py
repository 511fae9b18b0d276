"""Target files are read again when they change, and faulty ones change nothing."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from prometheus_client import REGISTRY

from import_targets import TargetError
from upload_api.adapters.target_folder import TargetFolder

if TYPE_CHECKING:
    from import_targets import TargetDefinition

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
TEXT = "name: parts\ntable: parts\ncolumns:\n  - {name: a, type: text}\n"


class StandingClock:
    """Stands still where the test puts it."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time

    def monotonic_s(self) -> float:
        return 0.0


class Folder:
    """A folder of target files with chosen times, and what upload-api makes of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = StandingClock()
        self.write(TEXT, age_s=100)
        self.targets = TargetFolder(path, self.clock)

    def write(self, text: str, name: str = "parts.yaml", age_s: float = 10) -> None:
        (self.path / name).write_text(text)
        changed_s = (self.clock.time - timedelta(seconds=age_s)).timestamp()
        os.utime(self.path / name, (changed_s, changed_s))

    def parts(self) -> TargetDefinition:
        return self.targets.targets()["parts"]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def refused() -> float | None:
    return REGISTRY.get_sample_value("sluice_targets_refused")


def loads() -> float:
    return REGISTRY.get_sample_value("sluice_targets_loads_total") or 0.0


def test_a_changed_file_is_read_again_and_a_job_in_hand_keeps_its_version(folder: Folder) -> None:
    before = folder.targets.targets()
    folder.write(TEXT.replace("type: text", "type: bigint"))
    assert folder.parts().columns[0].type == "bigint"
    assert before["parts"].columns[0].type == "text"
    assert folder.parts().version != before["parts"].version


def test_files_come_and_go(folder: Folder) -> None:
    folder.write(TEXT.replace("parts", "more"), "more.yml")
    assert set(folder.targets.targets()) == {"records", "parts", "more"}
    (folder.path / "parts.yaml").unlink()
    assert set(folder.targets.targets()) == {"records", "more"}


def test_unchanged_files_are_not_read_again(folder: Folder) -> None:
    before = loads()
    one = folder.targets.targets()
    assert folder.targets.targets() is one
    assert loads() == before


def test_a_faulty_file_changes_nothing_and_is_told_until_it_is_mended(folder: Folder) -> None:
    version, before = folder.parts().version, loads()
    folder.write("name: [", age_s=20)
    for _ in range(3):
        assert folder.parts().version == version
    assert (refused(), loads() - before) == (1.0, 1.0)
    folder.write(TEXT.replace("name: a", "name: b"), age_s=15)
    assert folder.parts().columns[0].name == "b"
    assert refused() == 0.0


def test_a_folder_that_is_gone_changes_nothing(folder: Folder) -> None:
    (folder.path / "parts.yaml").unlink()
    folder.path.rmdir()
    assert set(folder.targets.targets()) == {"records", "parts"}
    assert refused() == 1.0


def test_a_file_that_may_still_be_being_written_waits_a_second(folder: Folder) -> None:
    folder.write(TEXT.replace("name: a", "name: b"), age_s=0.3)
    assert folder.parts().columns[0].name == "a"
    folder.clock.time += timedelta(seconds=1)
    assert folder.parts().columns[0].name == "b"


def test_a_file_from_the_future_does_not_wait_for_it(folder: Folder) -> None:
    folder.write(TEXT.replace("name: a", "name: b"), age_s=-3600)
    assert folder.parts().columns[0].name == "b"


def test_faults_at_the_start_are_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("name: [")
    with pytest.raises(TargetError, match=r"bad\.yaml"):
        TargetFolder(tmp_path, StandingClock())


def test_without_a_folder_there_are_records() -> None:
    assert set(TargetFolder(None, StandingClock()).targets()) == {"records"}
