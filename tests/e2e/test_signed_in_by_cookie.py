"""The page's way in: a cookie, one origin, and everything else forwarded by the gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devstack import Stack


@pytest.fixture
def page(stack: Stack) -> Iterator[httpx.Client]:
    """A browser with our page open, signed in by the form."""
    assert stack.gateway is not None
    username, password = stack.login
    own = {"Origin": stack.gateway.rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    with httpx.Client(base_url=stack.gateway, headers=own, trust_env=False, timeout=30) as client:
        credentials = {"username": username, "password": password}
        assert client.post("/api/auth/login", json=credentials).status_code == 200
        yield client


def test_a_page_uploads_follows_and_shares_by_its_cookie(page: httpx.Client) -> None:
    upload = page.post("/api/upload/excel", files={"file": ("a.csv", b"name,age\nanna,7\n")})
    assert upload.status_code == 200, upload.text
    job_id = upload.json()["jobId"]
    ticket = page.post("/api/progress/ticket", json={"jobId": job_id}).json()["ticket"]
    with httpx.Client(base_url=page.base_url, trust_env=False, timeout=30) as bare:
        path = f"/api/progress/{job_id}/stream?ticket={ticket}"
        with bare.stream("GET", path) as stream:
            lines = [line for line in stream.iter_lines() if line.startswith("event:")]
        assert lines[0] == "event: connection"
        assert lines[-1] == "event: completed"
        assert bare.get(path).status_code == 401, "a ticket opens one stream"
    assert page.patch(f"/api/jobs/{job_id}", json={"isPublic": True}).json()["isPublic"] is True


@pytest.mark.parametrize(
    "foreign",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "https://evil.test"},
    ],
)
def test_a_foreign_page_changes_nothing_by_the_cookie(
    page: httpx.Client, foreign: dict[str, str]
) -> None:
    files = {"file": ("a.csv", b"name,age\nanna,7\n")}
    answers = [page.post("/api/upload/excel", files=files, headers=foreign)]
    answers += [
        page.post(path, headers=foreign) for path in ("/api/progress/ticket", "/api/auth/logout")
    ]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {
        (403, "FOREIGN_ORIGIN")
    }
    assert page.get("/api/auth/me").status_code == 200, "who looks on stays signed in"


def test_on_plain_http_the_origin_alone_tells_our_page(page: httpx.Client) -> None:
    del page.headers["Sec-Fetch-Site"]
    files = {"file": ("a.csv", b"name,age\nanna,7\n")}
    assert page.post("/api/upload/excel", files=files).status_code == 200
    assert page.post("/api/auth/logout").status_code == 204
    assert page.get("/api/auth/me").status_code == 401
