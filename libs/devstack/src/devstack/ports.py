"""Ports of 127.0.0.1 for a stack, such that two stacks can live side by side."""

import random
import socket
from collections.abc import Collection, Mapping

from devstack.errors import StackError

# Below 32768, where Linux takes the local ports of outgoing connections from. A port from that
# range can be lost to any client while its server is stopped, or worse: a client that tries again
# and again to connect to it on the loopback can end up connected to itself.
RANGE = range(20_000, 32_000)
_TRIES = 200


def is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class PortBook:
    """Gives each name of a stack its port: the one asked for, the one it had, or a free one."""

    def __init__(
        self,
        *,
        asked: Mapping[str, int] | None = None,
        remembered: Mapping[str, int] | None = None,
        taken: Collection[int] = (),
    ) -> None:
        self._asked = dict(asked or {})
        self._remembered = dict(remembered or {})
        self._taken = set(taken)
        self.given: dict[str, int] = {}

    def port(self, name: str) -> int:
        """The port of `name`, the same at every call.

        Raises:
            StackError: a port that was asked for by number is busy, or no port is free.
        """
        if name not in self.given:
            self.given[name] = self._choose(name)
        return self.given[name]

    def _choose(self, name: str) -> int:
        asked = self._asked.get(name)
        if asked is not None:
            if not is_free(asked):
                raise StackError(
                    f"port {asked}, asked for {name}, is in use on 127.0.0.1: "
                    f"stop what listens there (ss -ltnp 'sport = :{asked}') or ask for another"
                )
            return asked
        remembered = self._remembered.get(name)
        if remembered is not None and self._usable(remembered):
            return remembered
        for _ in range(_TRIES):
            candidate = random.choice(RANGE)  # noqa: S311 - a port number is no secret
            if self._usable(candidate):
                return candidate
        raise StackError(f"no free port between {RANGE.start} and {RANGE.stop} for {name}")

    def _usable(self, port: int) -> bool:
        return port not in self._taken and port not in self.given.values() and is_free(port)
