"""A storage that does not answer: what needs it is told so, and everything else is served."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from sluice.storage import LocalStorage
from upload_api.entrypoints.storage_threads import Question, StorageThreads

if TYPE_CHECKING:
    from upload_api.parts import Parts

UPLOADS, CALLS = 45, 2
"""More than the threads that all routes share."""


class HangingStorage(LocalStorage):
    """Answers once it is let go."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.goes_on = threading.Event()

    def create(self, file_id: UUID) -> Any:
        self.goes_on.wait()
        return super().create(file_id)

    def check(self) -> None:
        self.goes_on.wait()


@pytest.fixture
def hanging() -> Iterator[list[HangingStorage]]:
    made: list[HangingStorage] = []
    yield made
    for storage in made:
        storage.goes_on.set()


def test_a_storage_that_hangs_holds_up_nothing_else(
    start_api: Callable[..., Any], hanging: list[HangingStorage]
) -> None:
    def hang(parts: Parts) -> Parts:
        hanging.append(HangingStorage(parts.settings.storage_url))
        return replace(
            parts,
            storage=hanging[0],
            storage_threads=StorageThreads(CALLS, wait_s=0.2),
            storage_answers=Question(within_s=0.2),
        )

    api = start_api(change=hang, SLUICE_MAX_UNFINISHED_JOBS="100")
    headers = api.headers()

    def upload(number: int) -> int:
        files = {"file": ("a.csv", f"a,b\n{number},2\n".encode())}
        answer = api.client.post("/api/upload/excel", files=files, headers=headers, timeout=60)
        assert answer.status_code < 500 or "storage" in answer.json()["detail"]
        status: int = answer.status_code
        return status

    with ThreadPoolExecutor(UPLOADS) as clients:
        uploads = [clients.submit(upload, number) for number in range(UPLOADS)]
        try:
            assert api.client.get("/api/jobs", headers=headers).status_code == 200
            for _ in range(3):
                ready = api.client.get("/readyz")
                assert (ready.status_code, ready.text[:7]) == (503, "storage")
            assert api.client.get("/livez").status_code == 200
        finally:
            hanging[0].goes_on.set()
        statuses = Counter(each.result(60) for each in uploads)
    assert set(statuses) == {200, 503}
    assert statuses[200] >= CALLS
    assert api.client.get("/readyz").status_code == 200
