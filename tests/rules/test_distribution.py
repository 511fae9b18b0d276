"""No worker starts a Sluice of its own for a few tests: they run where one is up."""

from __future__ import annotations

import pytest
from tests.distribution import LONG, rank, scope_of


def test_every_test_of_a_running_sluice_is_with_its_likes(request: pytest.FixtureRequest) -> None:
    users = [item.nodeid for item in request.session.items if "stack" in fixtures_of(item)]
    assert [user for user in users if scope_of(user).endswith(".py")] == []


def fixtures_of(item: pytest.Item) -> list[str]:
    return list(getattr(item, "fixturenames", ()))


def test_a_file_is_one_workers_and_so_are_all_files_of_a_stack() -> None:
    assert scope_of("libs/a/tests/test_b.py::test_c[1::2]") == "libs/a/tests/test_b.py"
    assert scope_of("tests/e2e/test_a.py::test_b") == scope_of("tests/docs/test_c.py::test_d")
    assert scope_of("tests/e2e/test_a.py::test_b") != scope_of("tests/browser/test_c.py::test_d")


def test_what_takes_long_begins_first() -> None:
    assert rank("tests/e2e/test_a.py::test_b") < rank("libs/a/tests/test_b.py::test_c")
    assert {rank(f"{start}x.py::test_y") for start in LONG} == set(range(len(LONG)))
