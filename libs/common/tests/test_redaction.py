import json
import logging

import pytest
import structlog

from sluice.logging import configure_logging
from sluice.redaction import redacted
from sluice.settings import Settings

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f'GET "/api/progress/stream?token={JWT}&x=1" 200', "&x=1"),
        ("/api/progress/1/stream?ticket=abcdefgh HTTP/1.1", " HTTP/1.1"),
        (f"Authorization: Bearer {JWT}", "Authorization: Bearer"),
        (f"cookie: sluice_token={JWT}; theme=dark", "theme=dark"),
        (f"{{'Authorization': 'Bearer {JWT}'}}", "Authorization"),
        (f"somewhere {JWT} in a text", "in a text"),
        ("postgresql://sluice:abcdefgh@db:5432/x", "postgresql://sluice:[redacted]@db:5432/x"),
    ],
)
def test_a_token_goes_and_the_rest_stays(text: str, kept: str) -> None:
    left = redacted(text)
    assert kept in left
    assert not any(secret in left for secret in (JWT, "c2lnbmF0dXJl", "abcdefgh"))


@pytest.mark.parametrize(
    "text", ["the token has expired", "a ticket = 5", "bearer of news", "redis://127.0.0.1:6379/0"]
)
def test_what_is_no_token_stays(text: str) -> None:
    assert redacted(text) == text


def test_neither_our_lines_nor_a_librarys_nor_a_traceback_hold_a_token(
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    try:
        configure_logging("test", Settings.from_env({}))
        structlog.get_logger("ours").warning("asked", path=f"/x?token={JWT}")
        logging.getLogger("library.access").warning("%s - %s", "1.2.3.4", f"GET /x?token={JWT}")
        try:
            int(f"/x?token={JWT}")
        except ValueError:
            logging.getLogger("library.error").exception("failed")
    finally:
        root.handlers[:], level = before
        root.setLevel(level)
        structlog.reset_defaults()
    lines = capsys.readouterr().err.splitlines()
    assert [json.loads(line)["level"] for line in lines] == ["warning", "warning", "error"]
    assert "ValueError" in lines[2]
    assert JWT not in "".join(lines)
