"""Step 4: the server's HTTP protocol, in which a viewer whose network has gone is noticed."""

from __future__ import annotations

import socket
from contextlib import suppress

from sluice.web.bounded_http import BoundedHttp

GONE_AFTER_S = 30
"""So long the other side of a stream may acknowledge nothing; a keep-alive comment asks it to.

By itself the kernel waits a quarter of an hour, and as long the slots of a viewer who changed
networks were taken.
"""


class StreamHttp(BoundedHttp):
    """Bounds it for streams alone: who takes a long download may rest meanwhile."""

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        if not hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux has it
            return
        within_ms = GONE_AFTER_S * 1000 if self.scope["path"].endswith("/stream") else 0
        connection = self.transport.get_extra_info("socket")
        with suppress(OSError):  # it was closed meanwhile
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, within_ms)
