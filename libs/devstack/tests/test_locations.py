from pathlib import Path

import pytest

from devstack.errors import StackError
from devstack.locations import project_root, require_space, stack_folder


def test_a_full_disk_says_how_much_is_needed_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLUICE_LEAST_FREE_MIB", "999999999")
    with pytest.raises(StackError, match=r"MiB free and a stack needs 999999999 MiB: make room"):
        require_space(tmp_path)


def test_a_disk_with_room_is_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUICE_LEAST_FREE_MIB", "1")
    require_space(tmp_path)


@pytest.mark.parametrize("name", ["", "../up", "a/b", "-x", "Ä", "x" * 61])
def test_a_name_that_is_no_folder_is_refused(name: str) -> None:
    with pytest.raises(StackError, match="not a stack's name"):
        stack_folder(name)


def test_stacks_and_root_can_be_placed_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLUICE_STACKS", str(tmp_path / "stacks"))
    monkeypatch.setenv("SLUICE_PROJECT_ROOT", str(tmp_path))
    assert stack_folder("demo") == tmp_path / "stacks" / "demo"
    assert project_root() == tmp_path
