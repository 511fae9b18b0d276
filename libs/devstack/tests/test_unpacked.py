"""Programs that only tests need: the machine's own first, never installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from devstack.errors import PartUnavailableError
from devstack.unpacked import tool_for_tests

if TYPE_CHECKING:
    from pathlib import Path


def test_the_machines_own_program_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "nginx"
    own.write_text("#!/bin/sh\n", encoding="utf-8")
    own.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert tool_for_tests("nginx") == own


def test_without_debians_tools_it_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("SLUICE_CACHE", str(tmp_path))
    monkeypatch.setattr("devstack.unpacked.ADMIN_FOLDERS", str(tmp_path))
    with pytest.raises(PartUnavailableError, match="prometheus is not installed"):
        tool_for_tests("promtool")


def test_what_was_unpacked_once_is_found_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "unpacked" / "nginx" / "usr" / "sbin" / "nginx"
    there.parent.mkdir(parents=True)
    there.touch()
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("SLUICE_CACHE", str(tmp_path))
    monkeypatch.setattr("devstack.unpacked.ADMIN_FOLDERS", str(tmp_path))
    assert tool_for_tests("nginx") == there
