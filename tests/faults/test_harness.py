"""The harness itself: plans follow the seed, oracles see what is wrong, the proxy does harm."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import openpyxl
import pytest
from tests.faults.fault_catalog import CATALOG
from tests.faults.fault_plan import plan_of
from tests.faults.fault_report import percentile
from tests.faults.followers import Follower
from tests.faults.tcp_proxy import Proxies, Weather
from tests.faults.workbooks import FIRST_LINE, ImportPlan, compare, expected, key_rows, make
from tests.road_client import Message

from devstack.ports import PortBook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def test_a_seed_makes_the_same_run_again() -> None:
    for seed in range(20):
        assert plan_of(seed, CATALOG) == plan_of(seed, CATALOG)
    assert plan_of(1, CATALOG) != plan_of(2, CATALOG)


def test_as_many_seeds_as_faults_leave_none_out() -> None:
    done = {
        moment.fault.name
        for seed in range(1000, 1000 + len(CATALOG))
        for moment in plan_of(seed, CATALOG).faults
    }
    assert done == set(CATALOG)


def test_a_lost_and_a_doubled_row_are_seen() -> None:
    rows: list[tuple[object, ...]] = [(2, "a"), (3, "b")]
    assert compare(rows, rows) == compare([], [])
    lost, doubled = compare(rows, rows[:1]), compare(rows, [*rows, rows[0]])
    assert (lost.lost, lost.doubled) == (1, 0)
    assert (doubled.lost, doubled.doubled) == (0, 1)
    changed = compare(rows, [(2, "a"), (3, "c")])
    assert (changed.lost, changed.doubled) == (1, 1)


def test_what_is_expected_of_keys_is_what_stands_in_the_workbook(tmp_path: Path) -> None:
    plan = ImportPlan(kind="inserts", rows=400, seed=3, bad_share=0.05, first_id=10)
    sheet = openpyxl.load_workbook(make(plan, tmp_path)).active
    assert sheet is not None
    read = list(sheet.iter_rows(min_row=FIRST_LINE, values_only=True))
    assert read == list(key_rows(plan))
    first, last = expected(plan), expected(replace(plan, kind="upserts"))
    assert len(first.rows) + len(first.rejected) == 400
    assert {row[1] for row in first.rows} == {row[1] for row in last.rows}
    assert first.rows != last.rows


def viewer(*states: tuple[int, float, str]) -> Follower:
    follower = Follower("http://127.0.0.1:1", "", "0" * 36)
    follower.messages = [
        Message(event, str(version), {"version": version, "data": {"percentage": share}}, 0.0)
        for version, share, event in states
    ]
    return follower


def test_a_viewer_sees_what_goes_backwards_and_what_never_ends() -> None:
    good = viewer((1, 0.0, "progress"), (1, 0.5, "progress"), (9, 100.0, "completed"))
    assert good.faults() == []
    assert "version fell" in viewer((5, 1.0, "progress"), (4, 2.0, "completed")).faults()[0]
    assert "percentage fell" in viewer((5, 2.0, "progress"), (6, 1.0, "completed")).faults()[0]
    assert "did not end" in viewer((5, 2.0, "progress")).faults()[0]


def test_percentiles_are_those_of_the_values() -> None:
    assert (percentile([], 50), percentile([3.0], 95)) == (None, 3.0)
    assert percentile([1.0, 2.0, 3.0], 50) == 2.0


@pytest.fixture
def proxied() -> Iterator[tuple[Proxies, int]]:
    """A server that answers each line with the same line, behind a proxy."""
    book, proxies = PortBook(), Proxies()
    server = socket.create_server(("127.0.0.1", book.port("server")))

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=echo, args=[connection], daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    proxies.add("echo", book.port("proxy"), book.port("server"))
    yield proxies, book.port("proxy")
    proxies.close()
    server.close()


def echo(connection: socket.socket) -> None:
    with connection, contextlib.suppress(OSError):
        while block := connection.recv(1000):
            connection.sendall(block)


def ask(connection: socket.socket, word: bytes, within_s: float = 5.0) -> bytes:
    connection.settimeout(within_s)
    connection.sendall(word)
    return connection.recv(1000)


def test_a_black_hole_holds_what_comes_and_gives_it_back(proxied: tuple[Proxies, int]) -> None:
    proxies, port = proxied
    with socket.create_connection(("127.0.0.1", port)) as connection:
        assert ask(connection, b"one") == b"one"
        proxies.change("echo", Weather(black_hole=True))
        with pytest.raises(TimeoutError):
            ask(connection, b"two", within_s=0.3)
        proxies.clear()
        connection.settimeout(5.0)
        assert connection.recv(1000) == b"two"


def test_a_reset_ends_connections_at_once(proxied: tuple[Proxies, int]) -> None:
    proxies, port = proxied
    with socket.create_connection(("127.0.0.1", port)) as connection:
        assert ask(connection, b"one") == b"one"
        proxies.change("echo", Weather(resets=True))
        with pytest.raises(ConnectionResetError):
            connection.recv(1000)


def test_a_cut_comes_after_the_word_and_before_its_answer(proxied: tuple[Proxies, int]) -> None:
    proxies, port = proxied
    proxies.change("echo", Weather(cut_after=b"COMMIT"))
    with socket.create_connection(("127.0.0.1", port)) as connection:
        assert ask(connection, b"BEGIN") == b"BEGIN"
        with pytest.raises(ConnectionResetError):
            ask(connection, b"COMMIT")
    assert proxies.cuts("echo") == 1
    with socket.create_connection(("127.0.0.1", port)) as connection:
        assert ask(connection, b"COMMIT") == b"COMMIT", "once"


def test_a_slow_road_is_slow(proxied: tuple[Proxies, int]) -> None:
    proxies, port = proxied
    proxies.change("echo", Weather(delay_s=0.2))
    with socket.create_connection(("127.0.0.1", port)) as connection:
        begun_s = time.monotonic()
        assert ask(connection, b"one") == b"one"
        assert time.monotonic() - begun_s >= 0.4, "on the way there and on the way back"
