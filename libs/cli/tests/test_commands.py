"""What holds for every command of the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest

from cli.__main__ import run, sluice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def commands(group: click.Group, path: str = "sluice") -> Iterator[tuple[str, click.Command]]:
    """Yield every command with the words that call it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")


def test_no_command_gives_one_option_two_meanings() -> None:
    for path, command in commands(sluice):
        names = [name for param in command.params for name in (*param.opts, *param.secondary_opts)]
        assert sorted(names) == sorted(set(names)), path


def test_each_command_says_what_it_does() -> None:
    silent = [path for path, command in commands(sluice) if not command.help]
    assert silent == []


@pytest.mark.parametrize("command", [["jobs", "list"], ["user", "list"], ["status"]])
def test_a_stack_is_named_once_for_all_commands(
    command: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("SLUICE_STACKS", str(tmp_path))
    monkeypatch.setenv("SLUICE_STACK", "trial")
    for name in ("SLUICE_URL", "SLUICE_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    assert run(command) in {1, 2}
    told = capsys.readouterr()
    assert "trial" in told.out + told.err
    assert "demo" not in told.out + told.err


def test_to_end_a_stack_that_is_not_there_is_no_fault_but_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("SLUICE_STACKS", str(tmp_path))
    assert run(["down", "--stack", "dmeo"]) == 0
    assert capsys.readouterr().err == "there is no stack dmeo: nothing to end\n"
