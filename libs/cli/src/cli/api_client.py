"""The client as the terminal uses it: its errors are failures with an exit code."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from cli.exit_codes import FAILED, UNUSABLE, Failure
from sluice_client import ApiProblem, SluiceClient, SluiceClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType
    from typing import Self
    from uuid import UUID

    from sluice_client import JobProgress

UNAUTHORIZED = 401


class ApiClient(SluiceClient):
    """What leaves its `with` is a `Failure`: exit code 3 where the server refuses, else 2."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        super().__exit__(kind, error, trace)
        if isinstance(error, SluiceClientError):
            is_refused = isinstance(error, ApiProblem) and error.status != UNAUTHORIZED
            raise Failure(str(error), FAILED if is_refused else UNUSABLE) from error

    def sign_in(self) -> None:
        """Sign in; whatever is in the way, nothing was done yet."""
        try:
            super().sign_in()
        except SluiceClientError as error:
            raise Failure(str(error)) from error

    def follow(
        self, job_id: UUID | str, sleep: Callable[[float], None] = time.sleep
    ) -> Iterator[JobProgress]:
        """Follow a job; that it cannot be seen any longer is not the job's failure."""
        try:
            yield from super().follow(job_id, sleep)
        except SluiceClientError as error:
            raise Failure(str(error)) from error

    def get(self, path: str, params: dict[str, Any] | None = None) -> Any:
        """Return what is there, as it came: commands print it for people or for programs."""
        return self.send("GET", path, params=params).json()

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """Ask for something to be done; return the answer."""
        return self.send("POST", path, json=body).json()

    def put(self, path: str, body: dict[str, Any]) -> Any:
        """Put something there; return the answer."""
        return self.send("PUT", path, json=body).json()

    def delete(self, path: str) -> None:
        """Delete what is there."""
        self.send("DELETE", path)
