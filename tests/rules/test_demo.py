"""Two demos at once have a workbook each, of orders that no other demo has."""

import webbrowser
from argparse import Namespace
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from queue import Queue

import pytest
from scripts.demo import EPOCH, WORKBOOKS, first_order, import_in_turn, turn

ASKED = Namespace(name="demo", rows=10)
FOUND = {"gateway": "http://127.0.0.1:1", "user": "demo", "password": "a password"}


def test_a_second_demo_says_that_it_waits_and_follows_the_first(tmp_path: Path) -> None:
    happened: Queue[str] = Queue()

    def second() -> None:
        with turn(tmp_path, happened.put):
            happened.put("its turn")

    with ThreadPoolExecutor(1) as thread:
        with turn(tmp_path, happened.put):
            done = thread.submit(second)
            assert happened.get(timeout=60).startswith("another demo is importing here")
            assert happened.empty()
        assert happened.get(timeout=60) == "its turn"
        done.result(60)
        with turn(tmp_path, happened.put):
            assert happened.empty()


def test_demos_of_a_million_rows_that_follow_each_other_share_no_order() -> None:
    now = EPOCH + timedelta(days=3650)
    one, other = first_order(now), first_order(now + timedelta(seconds=1))
    assert other - one >= 1_000_000
    assert other < 10**15, "a cell holds 15 digits"


def test_a_workbook_that_cannot_be_made_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / WORKBOOKS.parent).touch()  # a file where a folder must be, also for root
    assert import_in_turn(FOUND, ASKED) is None
    assert capsys.readouterr().err.startswith("the demo's workbook cannot be made: ")


def test_what_fails_behind_the_workbook_is_not_told_as_the_workbook_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: str) -> None:
        raise OSError("no browser")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(webbrowser, "open", refuse)
    with pytest.raises(OSError, match="no browser"):
        import_in_turn(FOUND, ASKED)
