"""Each process ends within 15 s of SIGTERM, and one that stands still says so."""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import pytest

from progress_gateway.entrypoints.fold_watch import FoldWatch
from sluice.auth.tokens import TokenKeeper
from sluice.clock import SystemClock
from sluice.events import ParsingStarted
from sluice.kafka.topics import FOLD_APP
from sluice.liveness import Heartbeat
from sluice.settings import TokenSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from sluice.settings import KafkaSettings

pytestmark = pytest.mark.slow
SECRET = "a secret of at least thirty-two characters"


@pytest.fixture
def env(kafka: KafkaSettings, redis_url: str, database_url: str) -> dict[str, str]:
    return {
        "SLUICE_KAFKA_BOOTSTRAP": kafka.kafka_bootstrap,
        "SLUICE_REDIS_URL": redis_url,
        "SLUICE_DATABASE_URL": database_url,
    }


def started(job_id: UUID, epoch: int = 1) -> ParsingStarted:
    return ParsingStarted(job_id=job_id, run=1, epoch=epoch, bytes_total=1000, estimated_rows=2900)


def test_open_streams_end_when_the_gateway_is_told_to(
    start_process: Callable[..., Any],
    redis_url: str,
    database_url: str,
    ledger: Any,
    job_id: UUID,
    publish: Callable[..., None],
) -> None:
    http_env = {
        "SLUICE_DATABASE_URL": database_url,
        "SLUICE_REDIS_URL": redis_url,
        "SLUICE_JWT_SECRET": SECRET,
        "SLUICE_UPLOAD_API_URL": "http://127.0.0.1:9",
    }
    gateway = start_process("http", http_env, "SLUICE_HTTP_PORT")
    publish(started(job_id))
    keeper = TokenKeeper(TokenSettings.from_env({"SLUICE_JWT_SECRET": SECRET}))
    token = keeper.issue(ledger.owner, "x", datetime.now(UTC))[0]  # noqa: TID251
    headers = {"Authorization": f"Bearer {token}"}
    streamed, ended = threading.Event(), threading.Event()

    def watch() -> None:
        url = f"{gateway.url}/api/progress/{job_id}/stream"
        with httpx.stream("GET", url, headers=headers, timeout=30) as response:
            for line in response.iter_lines():
                if "parsing" in line or "processing" in line:
                    streamed.set()
        ended.set()

    threading.Thread(target=watch, daemon=True).start()
    assert streamed.wait(10)
    gateway.stop()
    assert ended.wait(5), "the stream was ended, not cut: the browser connects again"


def test_fold_and_settler_end_when_they_are_told_to(
    start_process: Callable[..., Any],
    state_facts: Callable[..., None],
    env: dict[str, str],
    job_id: UUID,
) -> None:
    fold = start_process("fold", env, "SLUICE_METRICS_PORT")
    settler = start_process("settler", env, "SLUICE_METRICS_PORT")
    state_facts(*(started(job_id, epoch) for epoch in range(200)))
    for process in (fold, settler):
        process.stop()


def livez(url: str) -> int:
    try:
        with urllib.request.urlopen(f"{url}/livez", timeout=2) as answer:  # noqa: S310 - ours
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_a_fold_that_follows_is_live_and_one_that_does_not_is_seen(
    start_process: Callable[..., Any],
    state_facts: Callable[..., None],
    eventually: Callable[..., Any],
    env: dict[str, str],
    kafka: KafkaSettings,
    job_id: UUID,
) -> None:
    heart = Heartbeat(SystemClock(), stale_after_s=4.0)
    watch = FoldWatch(kafka, FOLD_APP, heart, look_s=0.5)
    fold = start_process("fold", env | {"SLUICE_STALE_AFTER_S": "4"}, "SLUICE_METRICS_PORT")
    state_facts(started(job_id), started(uuid4()))
    watch.start()
    until_s = time.monotonic() + 10
    while time.monotonic() < until_s:
        heart.beat()
        assert heart.not_live() == ""
        assert livez(fold.url) == 200
        time.sleep(0.2)

    fold.kill()
    state_facts(started(job_id, 2))

    def stall() -> str:
        heart.beat()
        return heart.not_live()

    assert "none was done" in eventually(stall)
    watch.stop()
