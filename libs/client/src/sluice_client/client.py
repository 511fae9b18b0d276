"""The client: everything that a program does with Sluice over HTTP."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from sluice_client import following
from sluice_client.models import (
    DeadLetter,
    ErrorSummary,
    Job,
    Preview,
    Replay,
    ReplayAccepted,
    RowError,
    Uploaded,
)
from sluice_client.transport import Server, Transport
from sluice_client.uploads import Upload, send_upload, sent_safely

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType
    from uuid import UUID

    from sluice_client.job_progress import JobProgress

PAGE = 500
_FORM_NAMES = {
    "dry_run": "dryRun", "correction_of": "correctionOf", "mapping_name": "mappingName",
    "max_error_percent": "maxErrorPercent", "preview_id": "previewId", "header_line": "headerLine",
}  # fmt: skip


def _nothing(_value: object) -> None:
    """Tell nobody."""


class SluiceClient(Transport):
    """A signed-in client; `with` signs in and closes it.

    Every call raises `ApiProblem` where the server refuses, and `Unreachable` where it does not
    answer. One client serves one thread.
    """

    @classmethod
    def of(cls, url: str, *, token: str | None = None, user: str = "", password: str = "") -> Self:
        """Return a client by a token, or by name and password."""
        return cls(Server(url=url, token=token, user=user, password=password))

    def __enter__(self) -> Self:
        self.sign_in()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def upload(
        self,
        file: Path | None,
        *,
        key: str | None = None,
        on_bytes: Callable[[int], None] = _nothing,
        on_retry: Callable[[str], None] = _nothing,
        **options: str | float | UUID | Mapping[str, str | None] | None,
    ) -> Uploaded:
        """Import a file, streamed; sent again for about 90 s while its answer is lost.

        Args:
            file: a workbook or a text file; None with `preview_id`.
            key: the idempotency key: one key, one job, for a day. Else this call has its own.
            on_bytes: told how many bytes were read just now; a second try reads them again.
            on_retry: told a sentence before another try.
            options: `target`, `sheet`, `mapping`, `mapping_name`, `mode`, `dry_run`,
                `correction_of`, `max_error_percent`, `preview_id`, `header_line`, `encoding`,
                `delimiter`, `decimal`.
        """
        upload = Upload(
            path="/api/upload/excel", file=file, fields=form_of(options), key=key or uuid4().hex
        )
        answer = sent_safely(lambda: send_upload(self, upload, on_bytes), time.sleep, on_retry)
        return Uploaded.model_validate(answer.body | {"isReplayed": answer.is_replayed})

    def preview(
        self, file: Path, **options: str | float | UUID | Mapping[str, str | None] | None
    ) -> Preview:
        """Tell what an import of a file would do; with `keep=True` the server keeps it an hour."""
        upload = Upload(path="/api/upload/preview", file=file, fields=form_of(options))
        return Preview.model_validate(send_upload(self, upload, _nothing).body)

    def jobs(self, *, status: str | None = None, scope: str | None = None) -> Iterator[Job]:
        """Yield the jobs that may be seen, newest first, page by page."""
        wanted = {"status": status, "scope": scope}
        for page in self.pages("/api/jobs", wanted):
            yield from map(Job.model_validate, page["jobs"])

    def job(self, job_id: UUID | str) -> Job:
        return Job.model_validate(self.send("GET", f"/api/jobs/{job_id}").json())

    def control(self, job_id: UUID | str, what: str) -> Job:
        """`pause`, `resume`, `cancel` or `retry` a job."""
        return Job.model_validate(self.send("POST", f"/api/jobs/{job_id}/{what}").json())

    def errors(
        self, job_id: UUID | str, *, code: str | None = None, column: str | None = None
    ) -> Iterator[RowError]:
        """Yield what is wrong with a job's rows, in the order of the sheet."""
        wanted = {"code": code, "column": column}
        for page in self.pages(f"/api/jobs/{job_id}/errors", wanted):
            yield from map(RowError.model_validate, page["errors"])

    def error_summary(self, job_id: UUID | str) -> ErrorSummary:
        path = f"/api/jobs/{job_id}/errors/summary"
        return ErrorSummary.model_validate(self.send("GET", path).json())

    def save_failed_rows(self, job_id: UUID | str, output: Path) -> int:
        """Fetch the rejected rows, as .xlsx or .csv by the name; return the size."""
        return self.download(f"/api/jobs/{job_id}/failed-rows{output.suffix.lower()}", output)

    def save_unprocessed_rows(self, job_id: UUID | str, output: Path) -> int:
        """Fetch the rows that a failed or cancelled job did not come to; return the size."""
        return self.download(f"/api/jobs/{job_id}/unprocessed-rows{output.suffix.lower()}", output)

    def follow(
        self, job_id: UUID | str, sleep: Callable[[float], None] = time.sleep
    ) -> Iterator[JobProgress]:
        """Yield states until a terminal one, by the stream, and by polling where there is none."""
        return following.follow(self, str(job_id), sleep)

    def wait(self, job_id: UUID | str) -> Job:
        """Wait until a job has ended; return it."""
        for _ in self.follow(job_id):
            pass
        return self.job(job_id)

    def dead_letters(
        self, *, job_id: UUID | str | None = None, error_class: str | None = None
    ) -> Iterator[DeadLetter]:
        """Yield dead letters, newest first; for operators."""
        wanted = {"jobId": job_id, "errorClass": error_class}
        for page in self.pages("/api/ops/dlq", wanted):
            yield from map(DeadLetter.model_validate, page["letters"])

    def replay(
        self, ids: Sequence[int] = (), *, job_id: UUID | str | None = None, dry_run: bool = False
    ) -> ReplayAccepted:
        """Send dead letters again: those named, or the open ones of a job; for operators."""
        chosen = {"ids": list(ids)} if ids else {"filter": {"jobId": job_id and str(job_id)}}
        body: dict[str, Any] = chosen | {"dryRun": dry_run}
        return ReplayAccepted.model_validate(
            self.send("POST", "/api/ops/dlq/replays", json=body).json()
        )

    def replay_state(self, replay_id: UUID | str) -> Replay:
        return Replay.model_validate(self.send("GET", f"/api/ops/dlq/replays/{replay_id}").json())

    def pages(self, path: str, wanted: Mapping[str, object]) -> Iterator[dict[str, Any]]:
        """Yield page after page of a list."""
        asked = {name: str(value) for name, value in wanted.items() if value is not None}
        asked["limit"] = str(PAGE)
        while True:
            page: dict[str, Any] = self.send("GET", path, params=asked).json()
            yield page
            if page["nextCursor"] is None:
                return
            asked["cursor"] = page["nextCursor"]


def form_of(options: Mapping[str, Any]) -> dict[str, str]:
    """Return an upload's options as its form has them."""
    return {
        _FORM_NAMES.get(name, name): _text_of(value)
        for name, value in options.items()
        if value is not None
    }


def _text_of(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value, default=str).strip('"')
