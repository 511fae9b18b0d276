"""A TCP proxy before PostgreSQL that cuts a connection in the middle of a COMMIT."""

import contextlib
import socket
import threading
from urllib.parse import urlsplit, urlunsplit


class CommitCutter:
    """Cuts the next connection that commits a transaction which said `marker` before.

    With `delivers` the server gets the COMMIT and carries it out before the cut, without the
    server never hears of it. With `then_closed` nobody can connect afterwards, and who was
    connected is not any more: a pool may hold another connection.
    """

    def __init__(
        self, database_url: str, marker: bytes, *, delivers: bool, then_closed: bool = False
    ) -> None:
        parts = urlsplit(database_url)
        assert parts.hostname is not None
        self._server = (parts.hostname, parts.port or 5432)
        self._marker = marker
        self._delivers = delivers
        self._then_closed = then_closed
        self._listener = socket.create_server(("127.0.0.1", 0))
        login = parts.netloc.rpartition("@")[0]
        here = f"127.0.0.1:{self._listener.getsockname()[1]}"
        netloc = f"{login}@{here}" if login else here
        self.url = urlunsplit(parts._replace(netloc=netloc))
        self.cut = threading.Event()
        self._clients: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._then_closed and self.cut.is_set():
                client.close()
                continue
            self._clients.append(client)
            server = socket.create_connection(self._server)
            threading.Thread(target=self._up, args=(client, server), daemon=True).start()
            threading.Thread(target=pump, args=(server, client), daemon=True).start()

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        marked = False
        while data := received(client):
            marked = marked or self._marker in data
            if marked and b"COMMIT" in data and not self.cut.is_set():
                self.cut.set()
                # No answer may get through: the client is gone before the server hears
                client.shutdown(socket.SHUT_RDWR)
                if self._then_closed:
                    self._cut_others(client)
                if self._delivers:
                    server.sendall(data)
                break
            server.sendall(data)
        # Whoever cut the connection may have closed the server's side already
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_WR)
        client.close()

    def _cut_others(self, client: socket.socket) -> None:
        for other in self._clients:
            if other is not client:
                with contextlib.suppress(OSError):  # it went by itself
                    other.shutdown(socket.SHUT_RDWR)


def pump(source: socket.socket, sink: socket.socket) -> None:
    while data := received(source):
        try:
            sink.sendall(data)
        except OSError:
            break
    source.close()


def received(source: socket.socket) -> bytes:
    try:
        return source.recv(65536)
    except OSError:
        return b""
