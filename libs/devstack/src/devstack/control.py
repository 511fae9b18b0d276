"""Asks a stack in another process to stop, kill or start something, over the loopback."""

import json
import threading
from collections.abc import Callable, Mapping
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from typing import Any

from devstack.errors import StackError

Operation = Callable[..., Any]
_ADDRESS = "127.0.0.1"


class ControlServer:
    """Answers requests with the results of named operations, each connection in a thread.

    Who knows the token, which stands in a state file that only the owner can read, may ask.
    Messages are JSON: nothing is unpickled.
    """

    def __init__(self, token: str, operations: Mapping[str, Operation]) -> None:
        self._operations = operations
        self._listener = Listener((_ADDRESS, 0), authkey=token.encode())
        threading.Thread(target=self._accept, name="control", daemon=True).start()

    @property
    def port(self) -> int:
        address = self._listener.address
        return int(address[1])

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection = self._listener.accept()
            except (AuthenticationError, EOFError, ConnectionError):
                continue  # a stranger, or a client that went away
            except OSError:
                return  # closed
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: "Connection[Any, Any]") -> None:
        with connection:
            try:
                request = json.loads(connection.recv_bytes())
            except EOFError:
                return
            try:
                answer = {"result": self._operations[request["do"]](*request["with"])}
            except Exception as error:  # noqa: BLE001 - it is the asker's to handle
                answer = {"error": str(error)}
            connection.send_bytes(json.dumps(answer).encode())


def ask(port: int, token: str, operation: str, *arguments: Any) -> Any:
    """Have a running stack do something, and wait for its answer.

    Raises:
        StackError: it could not; or there is no stack on this port.
    """
    try:
        with Client((_ADDRESS, port), authkey=token.encode()) as connection:
            connection.send_bytes(json.dumps({"do": operation, "with": arguments}).encode())
            answer = json.loads(connection.recv_bytes())
    except (OSError, EOFError, AuthenticationError) as error:
        raise StackError(f"the stack's supervisor does not answer ({error!r})") from error
    if "error" in answer:
        raise StackError(answer["error"])
    return answer["result"]
