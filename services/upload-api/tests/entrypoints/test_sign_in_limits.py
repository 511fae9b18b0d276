from typing import Any

from upload_api.adapters.passwords import Passwords
from upload_api.adapters.postgres_users import upsert_user


def log_in(api: Any, name: str, password: str = "wrong", address: str = "10.0.0.1") -> Any:  # noqa: S107
    return api.client.post(
        "/api/auth/login",
        json={"username": name, "password": password},
        headers={"X-Forwarded-For": address},
    )


def add_user(api: Any, name: str, password: str) -> None:
    with api.parts.connection() as conn:
        upsert_user(conn, name, Passwords().hash(password), "user")


def test_a_name_is_tried_so_often_and_no_more(start_api: Any) -> None:
    api = start_api(SLUICE_MAX_SIGN_INS_OF_NAME="4")  # without redis: half of it
    add_user(api, "anna", "right")
    assert [log_in(api, "anna", "right").status_code for _ in range(5)] == [200] * 5
    assert [log_in(api, "Anna").status_code for _ in range(2)] == [401] * 2
    refused = log_in(api, "anna", "right")  # whoever guesses learns nothing more
    assert (refused.status_code, refused.json()["code"]) == (429, "TOO_MANY_SIGN_INS")
    assert 0 < int(refused.headers["Retry-After"]) <= 900
    assert refused.headers["RateLimit-Policy"] == '"sign-ins-of-name";q=4;w=900'
    assert log_in(api, "ben").status_code == 401


def test_an_address_tries_so_many_names_and_no_more(start_api: Any) -> None:
    api = start_api(SLUICE_MAX_SIGN_INS_OF_ADDRESS="6")
    assert [log_in(api, f"user-{n}").status_code for n in range(4)] == [401, 401, 401, 429]
    assert log_in(api, "user-9", address="10.0.0.2").status_code == 401


def test_the_limits_are_published(start_api: Any) -> None:
    limits = start_api(SLUICE_MAX_STREAMS="7").client.get("/api/limits").json()
    assert limits["maxUnfinishedJobs"] == 5
    rates = {rate.pop("name"): rate for rate in limits["rates"]}
    assert rates["streams"] == {"limit": 7, "unit": "concurrent-requests", "windowS": None}
    assert rates["stream-openings"] == {"limit": 10, "unit": "requests", "windowS": 900.0}
    assert rates["upload-bytes"]["unit"] == "content-bytes"
    assert set(rates) == {
        "streams",
        "stream-openings",
        "uploads",
        "upload-bytes",
        "sign-ins-of-name",
        "sign-ins-of-address",
    }
