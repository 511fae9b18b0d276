"""Ends processes that a stack left behind when it could not end them itself."""

import signal
import time
from collections.abc import Iterable, Mapping
from typing import Any

from devstack.process import ProcessIdentity, descendants

_END_WITHIN_S = 15.0
_POLL_S = 0.05


def recorded(state: Mapping[str, Any]) -> dict[ProcessIdentity, int]:
    """The processes that a stack wrote down, in the order of their start: their stop signals."""
    return {
        ProcessIdentity(process["pid"], process["started"]): process["stop_signal"]
        for process in state.get("processes", [])
        if process.get("pid") and process.get("started")
    }


def end_strays(state: Mapping[str, Any]) -> list[ProcessIdentity]:
    """End what is still alive of a dead stack, and everything below it; gives what was found.

    A pid that another process has by now is left alone: its start differs.
    """
    found = {
        identity: number for identity, number in recorded(state).items() if identity.is_alive()
    }
    below = [child for identity in found for child in descendants(identity.pid)]
    everyone = [*found, *below]
    for identity, number in reversed(found.items()):
        identity.signal(number)
        identity.signal(signal.SIGCONT)
    _gone(found, _END_WITHIN_S)
    for identity in everyone:
        identity.signal(signal.SIGKILL)
    _gone(everyone, _END_WITHIN_S)
    return everyone


def _gone(identities: Iterable[ProcessIdentity], within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while any(identity.is_alive() for identity in identities):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_S)
    return True
