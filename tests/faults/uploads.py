"""A client that wants its workbook imported once, whatever happens to its requests."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.workbooks import ImportPlan

AGAIN_S = 0.5
GIVE_UP_S = 90.0
ACCEPTED = 200
TRY_LATER = {429, 502, 503, 504, 507}


class UploadRefusedError(AssertionError):
    """The product said no to a workbook that is right."""


class Uploader:
    """Uploads over a road that may break."""

    def __init__(self, base_url: str, token: str) -> None:
        self._base_url = base_url
        self._headers = {"Authorization": f"Bearer {token}"}
        self.answers: list[str] = []

    def upload(self, path: Path, plan: ImportPlan) -> str:
        """Upload until there is a job, and return its id.

        After a broken request nobody knows whether the job was made: the client looks for the
        file's name among its jobs before it sends the workbook again.

        Raises:
            UploadRefusedError: a refusal, or no job in time.
        """
        deadline_s = time.monotonic() + GIVE_UP_S
        while time.monotonic() < deadline_s:
            try:
                answer = self._post(path, plan)
            except httpx.HTTPError as error:
                self.answers.append(type(error).__name__)
            else:
                self.answers.append(str(answer.status_code))
                if answer.status_code == ACCEPTED:
                    return str(answer.json()["jobId"])
                if answer.status_code not in TRY_LATER:
                    raise UploadRefusedError(f"{plan.name}: {answer.status_code} {answer.text}")
            time.sleep(AGAIN_S)
            if (job_id := self._made_already(plan, deadline_s)) is not None:
                return job_id
        raise UploadRefusedError(f"{plan.name} was not accepted in {GIVE_UP_S:.0f} s")

    def _client(self) -> httpx.Client:
        timeout = httpx.Timeout(30.0, connect=3.0)
        return httpx.Client(base_url=self._base_url, headers=self._headers, timeout=timeout)

    def _post(self, path: Path, plan: ImportPlan) -> httpx.Response:
        with self._client() as http, path.open("rb") as file:
            return http.post(
                "/api/upload/excel",
                data={"target": plan.target},
                files={"file": (path.name, file)},
                headers={"Idempotency-Key": plan.name},
            )

    def _made_already(self, plan: ImportPlan, deadline_s: float) -> str | None:
        """Ask until there is an answer: only that tells whether to send again."""
        while time.monotonic() < deadline_s:
            try:
                with self._client() as http:
                    answer = http.get("/api/jobs", params={"limit": 200})
                if answer.status_code == ACCEPTED:
                    jobs: list[dict[str, Any]] = answer.json()["jobs"]
                    return next((j["jobId"] for j in jobs if j["fileName"] == plan.name), None)
            except httpx.HTTPError:
                pass
            time.sleep(AGAIN_S)
        return None
