"""Follows a job to its end: by the stream, and by polling whenever there is none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sluice_client.errors import SluiceClientError, StreamBroken
from sluice_client.job_progress import progress_of_job, progress_of_message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sluice_client.job_progress import JobProgress
    from sluice_client.transport import Transport

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 4.0
MAX_SILENT_TRIES = 15
"""About a minute without any answer, by stream or by polling: then the server is gone."""


def follow(
    transport: Transport, job_id: str, sleep: Callable[[float], None]
) -> Iterator[JobProgress]:
    """Yield states until a terminal one.

    A broken stream is taken up again behind the last event seen; in between the job is polled.

    Raises:
        SluiceClientError: the server was away for about a minute, or refuses us.
    """
    last_event_id, pause_s, silent_tries = "", FIRST_PAUSE_S, 0
    while True:
        try:
            for event_id, state in stream(transport, job_id, last_event_id):
                last_event_id, pause_s, silent_tries = event_id, FIRST_PAUSE_S, 0
                yield state
        except StreamBroken:
            pass
        else:
            return
        try:
            state = poll(transport, job_id)
            silent_tries = 0
            yield state
            if state.is_terminal:
                return
        except SluiceClientError:
            silent_tries += 1
            if silent_tries >= MAX_SILENT_TRIES:
                raise
        sleep(pause_s)
        pause_s = min(pause_s * 2, LONGEST_PAUSE_S)


def poll(transport: Transport, job_id: str) -> JobProgress:
    """Return the job's state from its row; raises as `Transport.send`."""
    return progress_of_job(transport.send("GET", f"/api/jobs/{job_id}").json())


def stream(
    transport: Transport, job_id: str, last_event_id: str
) -> Iterator[tuple[str, JobProgress]]:
    """Yield states, each with its event id, until the job has ended.

    Raises:
        StreamBroken: it broke off, or the server offers none now.
    """
    for event in transport.events(f"/api/progress/{job_id}/stream", last_event_id):
        if event.name == "connection":
            continue
        try:
            state = progress_of_message(json.loads(event.data))
        except json.JSONDecodeError as error:
            raise StreamBroken(str(error)) from error
        yield event.event_id, state
        if state.is_terminal:
            return
    raise StreamBroken("the stream ended before the job did")
