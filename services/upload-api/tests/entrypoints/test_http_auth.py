from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import uuid4

import httpx
import pytest

from sluice.errors import SettingsError
from upload_api.add_user import add_user

if TYPE_CHECKING:
    from conftest import Api

PASSWORD = "correct horse"


def log_in(api: "Api", username: str, password: str) -> httpx.Response:
    body = {"username": username, "password": password}
    return api.client.post("/api/auth/login", json=body)


def demo_user(api: "Api", password: str = PASSWORD) -> dict[str, str]:
    return {
        "SLUICE_DATABASE_URL": api.database_url,
        "SLUICE_DEMO_USER": "demo",
        "SLUICE_DEMO_PASSWORD": password,
    }


def test_a_login_gives_a_token_and_a_cookie_that_both_sign_in(api: "Api") -> None:
    add_user(demo_user(api))
    answer = log_in(api, "demo", PASSWORD)
    assert answer.status_code == 200, answer.text
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    by_cookie = api.client.get("/api/auth/me").json()
    api.client.cookies.clear()
    token = answer.json()["token"]
    by_token = api.client.get("/api/auth/me", headers={"Authorization": f"Bearer {token}"}).json()
    assert by_cookie == by_token
    assert (by_token["username"], by_token["role"]) == ("demo", "user")
    assert by_token["expiresAt"] == answer.json()["expiresAt"][:19] + "Z"


def test_wrong_names_and_wrong_passwords_are_answered_alike(api: "Api") -> None:
    add_user(demo_user(api))
    wrong, unknown = log_in(api, "demo", "wrong"), log_in(api, "nobody", PASSWORD)
    assert wrong.status_code == unknown.status_code == 401
    members = ("code", "detail", "title")
    assert [wrong.json()[m] for m in members] == [unknown.json()[m] for m in members]


def test_a_user_without_a_password_cannot_log_in(api: "Api") -> None:
    api.headers("token-only")
    assert log_in(api, "token-only", "no hash").status_code == 401


def test_logging_out_takes_the_cookie_away(api: "Api") -> None:
    add_user(demo_user(api))
    log_in(api, "demo", PASSWORD)
    assert api.client.post("/api/auth/logout").status_code == 204
    assert api.client.get("/api/auth/me").status_code == 401


def test_a_token_that_was_signed_out_is_no_use_to_who_has_copied_it(api: "Api") -> None:
    add_user(demo_user(api))
    token = log_in(api, "demo", PASSWORD).json()["token"]
    api.client.cookies.clear()
    headers = {"Authorization": f"Bearer {token}"}
    assert api.client.get("/api/auth/me", headers=headers).status_code == 200
    assert api.client.post("/api/auth/logout", headers=headers).status_code == 204
    assert api.client.get("/api/auth/me", headers=headers).status_code == 401
    kept = api.rows("SELECT count(*) FROM sluice.audit_log WHERE action = 'signed_out'")
    assert kept == [(1,)]
    stored = api.rows("SELECT token_sha256 FROM sluice.revoked_tokens")
    assert token.encode() not in stored[0][0]


def test_a_page_of_another_origin_neither_signs_in_nor_acts_by_the_cookie(
    api: "Api",
) -> None:
    add_user(demo_user(api))
    credentials = {"username": "demo", "password": PASSWORD}
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.test"}
    refused = api.client.post("/api/auth/login", json=credentials, headers=foreign)
    assert (refused.status_code, refused.json()["code"]) == (403, "FOREIGN_ORIGIN")
    log_in(api, "demo", PASSWORD)
    for path in (f"/api/jobs/{uuid4()}/cancel", "/api/auth/logout"):
        assert api.client.post(path, headers=foreign).json()["code"] == "FOREIGN_ORIGIN"
    own = {"Sec-Fetch-Site": "same-origin"}
    unknown = api.client.post(f"/api/jobs/{uuid4()}/cancel", headers=own)
    assert unknown.json()["code"] == "JOB_UNKNOWN", "our own page gets as far as the job"


def test_the_cookie_is_for_https_alone_where_the_browser_came_by_it(api: "Api") -> None:
    add_user(demo_user(api))
    credentials = {"username": "demo", "password": PASSWORD}
    told = {"X-Forwarded-Proto": "https"}
    answer = api.client.post("/api/auth/login", json=credentials, headers=told)
    cookie = answer.headers["set-cookie"].lower()
    assert all(part in cookie for part in ("secure", "httponly", "samesite=strict"))
    assert "secure" not in log_in(api, "demo", PASSWORD).headers["set-cookie"].lower()


def test_adding_a_user_again_sets_the_new_password(api: "Api") -> None:
    assert add_user(demo_user(api)) == add_user(demo_user(api, "another horse"))
    assert log_in(api, "demo", PASSWORD).status_code == 401
    assert log_in(api, "demo", "another horse").status_code == 200


def test_a_user_without_a_name_is_not_added() -> None:
    with pytest.raises(SettingsError, match="SLUICE_DEMO_USER is not set"):
        add_user({"SLUICE_DATABASE_URL": "postgresql://x", "SLUICE_DEMO_PASSWORD": PASSWORD})


def test_targets_and_limits_are_published(
    start_api: Callable[..., "Api"],
) -> None:
    api = start_api(SLUICE_MAX_UPLOAD_BYTES="1000")
    targets = api.client.get("/api/targets", headers=api.headers()).json()["targets"]
    assert [target["name"] for target in targets] == ["orders", "records"]
    assert targets[0]["definition"]["columns"][0]["name"] == "order_id"
    limits = api.client.get("/api/limits").json()
    assert (limits["maxUploadBytes"], limits["maxRows"]) == (1000, 1_048_576)


def test_every_route_is_documented_with_its_answer(api: "Api") -> None:
    paths = api.client.get("/openapi.json").json()["paths"]
    for path in ("/api/upload/excel", "/api/jobs", "/api/auth/login", "/api/targets"):
        for operation in paths[path].values():
            assert "schema" in operation["responses"]["200"]["content"]["application/json"]
    form = paths["/api/upload/excel"]["post"]["requestBody"]["content"]["multipart/form-data"]
    assert {"file", "previewId"} <= form["schema"]["properties"].keys()
    assert api.client.get("/docs").status_code == 200
