"""No value of a cell, no token and no password is in any log of a run, whatever wrote it."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import openpyxl

if TYPE_CHECKING:
    from pathlib import Path

    from tests.road_client import RoadClient

    from devstack import Stack

HEADERS = [
    "order_id", "customer_name", "email", "sku", "quantity", "unit_price", "currency",
    "ordered_at", "shipped", "note",
]  # fmt: skip
OURS = ("upload-api", "parser", "writer", "progress-gateway", "progress-settler")


def workbook_of(path: Path, canary: str) -> None:
    """Write good rows, bad ones and one whose key is taken, all with the canary in them."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADERS)
    first = secrets.randbelow(10**9) + 10**12
    for number in range(60):
        key: Any = first + number % 50
        quantity: Any = f"{canary}-quantity" if number == 7 else 3
        email = f"{canary}@example.com" if number != 8 else f"{canary} no address"
        price: Any = 12.5 if number != 9 else f"{canary}-price"
        sheet.append([key, f"{canary}-name", email, f"{canary[:12]}", quantity, price, "EUR",
                      "2026-01-02", True, f"{canary}-note\nforged line"])  # fmt: skip
    book.save(path)


def test_logs_hold_no_cell_no_token_and_no_password(
    stack: Stack, client: RoadClient, tmp_path: Path
) -> None:
    canary = f"canary{secrets.token_hex(6)}"
    path = tmp_path / f"{canary}-file.xlsx"
    workbook_of(path, canary)
    job_id = client.upload(path, "orders")
    messages = client.follow(job_id)
    assert messages[-1].data["status"] == "completed_with_errors"
    told = client.http.get(f"/api/jobs/{job_id}/errors").text
    assert canary in told  # its owner sees the values
    typed = {"username": f"{canary}-user", "password": f"{canary}-password"}
    assert client.http.post("/api/auth/login", json=typed).status_code == 401
    wrong = {"Authorization": ""}
    for query in (f"token={canary}-token", f"token={client.token}"):
        client.http.get(f"/api/jobs/{job_id}?{query}", headers=wrong)
        client.http.get(f"/api/progress/{job_id}?{query}", headers=wrong)
    logs = {log.name: log.read_text(errors="replace") for log in stack.folder.glob("logs/*.log")}
    assert any(job_id in text for text in logs.values())  # we look at the right place
    for name, text in logs.items():
        found = [secret for secret in (canary, *secrets_of(stack, client)) if secret in text]
        assert not found, name
        if name.removesuffix(".log") in OURS:
            for line in text.splitlines():
                assert isinstance(json.loads(line), dict), name


def secrets_of(stack: Stack, client: RoadClient) -> list[str]:
    """Everything that lets somebody in."""
    urls = (stack.database_url, stack.redis_url)
    passwords = [unquote(urlsplit(url).password or "") for url in urls]
    signing = (stack.folder / "jwt.secret").read_text().strip()
    return [secret for secret in (*passwords, stack.login[1], client.token, signing) if secret]
