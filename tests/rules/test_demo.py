"""Two demos at once have a workbook each, of orders that no other demo has."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from queue import Queue

from scripts.demo import EPOCH, first_order, turn


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
