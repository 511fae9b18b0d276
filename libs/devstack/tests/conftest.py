"""Stand-ins for services: tiny processes that behave as services do, or as they should not."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from devstack.service_spec import ServiceSpec
from devstack.supervisor import Supervisor

_SLEEPER = """
import pathlib, signal, sys, time
folder, name = pathlib.Path(sys.argv[1]), sys.argv[2]
def end(*_):
    with (folder / "ends").open("a") as ends:
        ends.write(name + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
(folder / name).touch()
while True:
    time.sleep(60)
"""


@pytest.fixture
def script(tmp_path: Path) -> Callable[..., ServiceSpec]:
    """A service of a few lines of Python, which find its folder and its name in sys.argv.

    Without `code`: ready once it has made its file, notes in `ends` that it was told to end.
    """

    def make(name: str, code: str = _SLEEPER, **options: Any) -> ServiceSpec:
        options.setdefault("ready", (tmp_path / name).as_uri())
        argv = (sys.executable, "-S", "-u", "-c", code, str(tmp_path), name)
        return ServiceSpec(name=name, argv=argv, **options)

    return make


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    supervisor = Supervisor(tmp_path / "logs")
    yield supervisor
    supervisor.close()


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], None]:
    """Polls a condition until it holds, for at most 15 s."""

    def wait(condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + 15
        while not condition():
            assert time.monotonic() < deadline, "it did not come about within 15 s"
            time.sleep(0.02)

    return wait
