"""Which tests run first, and which of them one worker runs together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from xdist.scheduler import LoadFileScheduling

if TYPE_CHECKING:
    from xdist.remote import Producer

LONG = (
    "tests/e2e/", "tests/docs/", "tests/browser/", "tests/faults/", "services/writer/",
    "services/progress-gateway/", "services/parser/", "services/upload-api/",
)  # fmt: skip
"""What takes long goes first, or one of them would run alone in the end."""
ON_ONE_STACK = {
    "tests/e2e/": "one stack",
    "tests/docs/": "one stack",
    "tests/browser/": "another stack",
    "tests/faults/test_kill_each_service.py": "another stack",
}
"""By folder or file: tests that share a running Sluice. It takes some 20 CPU s to start and end
one, and 5 % of a core to have one: two are enough, however many workers there are."""


def scope_of(nodeid: str) -> str:
    """Return the name of what one worker runs as a whole: a stack's tests, or a file."""
    file = nodeid.split("::", 1)[0]
    return next((stack for start, stack in ON_ONE_STACK.items() if file.startswith(start)), file)


class Distribution(LoadFileScheduling):  # type: ignore[misc]  # xdist ships no types
    """Gives each worker file by file, and all tests of a stack to one worker."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)


def rank(nodeid: str) -> int:
    """Return how late a test may begin."""
    return next((n for n, start in enumerate(LONG) if nodeid.startswith(start)), len(LONG))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: rank(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    return Distribution(config, log) if config.getoption("dist") == "loadfile" else None
