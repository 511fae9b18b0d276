"""Follows a job to its end: by the stream, and by polling whenever there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.api_client import StreamBroken
from cli.exit_codes import Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cli.api_client import ApiClient
    from cli.job_progress import JobProgress

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 4.0
MAX_SILENT_TRIES = 15
"""About a minute without any answer, by stream or by polling: then the server is gone."""


def follow(client: ApiClient, job_id: str, sleep: Callable[[float], None]) -> Iterator[JobProgress]:
    """Yield states until a terminal one.

    A broken stream is taken up again behind the last event seen; in between the job is polled.

    Raises:
        Failure: the server was away for about a minute, or refuses us.
    """
    last_event_id, pause_s, silent_tries = "", FIRST_PAUSE_S, 0
    while True:
        try:
            for event_id, state in client.stream(job_id, last_event_id):
                last_event_id, pause_s, silent_tries = event_id, FIRST_PAUSE_S, 0
                yield state
        except StreamBroken:
            pass
        else:
            return
        try:
            state = client.poll(job_id)
            silent_tries = 0
            yield state
            if state.is_terminal:
                return
        except Failure:
            silent_tries += 1
            if silent_tries >= MAX_SILENT_TRIES:
                raise
        sleep(pause_s)
        pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
