"""Named places where a test has a process die, stand still or fail: nothing but a name in service.

A test arms a point by a file of the point's name in the folder that `SLUICE_FAILPOINTS_DIR` names;
the settings refuse that folder outside a demo or a test. The file holds an action:

    kill      SIGKILL to this process, once, whichever process is first
    stop      SIGSTOP to this process, once
    raise     an exception that nobody expects, until the file is gone

and `kill@3` acts only at a process's third passage since the point was armed. Without the folder
a passage costs one comparison.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

Point = Literal[
    "upload.mid_body",  # a block of the body is on the disk
    "upload.after_rename",  # the file has its name, no job knows it
    "upload.after_commit",  # job and outbox row are committed, nobody was answered
    "outbox.after_confirm",  # the brokers have the rows, which are still in the outbox
    "replay.after_ack",  # the brokers have the letters, which are still marked as waiting
    "parser.before_offset",  # a wake-up was read
    "parser.before_first_chunk",  # the sheet is open
    "parser.mid_file",  # a chunk was read, and is not published
    "parser.after_last_chunk",  # the sheet was read to its end
    "parser.after_manifest",  # the manifest is committed, nobody was told
    "writer.before_tx",
    "writer.mid_copy",  # rows were sent, COPY is not ended
    "writer.at_commit",  # everything was sent but COMMIT
    "writer.after_commit",  # the rows are committed, no fact says so
    "writer.after_event",  # the brokers have the fact, the offset is not committed
    "undo.before_batch",  # rows of an undo wait
    "undo.after_batch",  # a batch of an undo is committed, no fact says so
    "retry.before_ack",  # a record was sent back to its topic, the brokers have not confirmed it
    "retry.after_ack",  # they have it, the retry topic's offset is not committed
    "dlq.before_ack",  # a record is about to be a dead letter
    "dlq.after_ack",  # the brokers have the dead letter, no row knows it
    "fold.before_fold",  # a fact was read
    "fold.before_snapshot",  # facts are folded, nobody sees it
    "fold.after_snapshot",
    "settler.before_finish",  # the facts are complete, the job has not ended
    "settler.after_finish",  # the job has ended, the outbox was not woken
]
"""Every point; `kill_points` of the fault tests tell what must hold after each."""

CLAIMED = ".fired"


class FailpointError(Exception):
    """A test asked for this exception; no code of ours expects it."""


_folder: Path | None = None
_passages: Counter[tuple[str, int]] = Counter()
"""By name and by when it was armed: armed again, a point counts from one again."""
_lock = threading.Lock()


def arm_from(folder: Path | None) -> None:
    """Look for armed points in this folder from now on; None: nowhere."""
    global _folder  # noqa: PLW0603 - points stand where nothing can be handed to them
    _folder = folder
    _passages.clear()


def failpoint(name: Point) -> None:
    """Pass a point.

    Raises:
        FailpointError: it is armed to raise.
    """
    if _folder is not None:
        _pass(_folder / name)


def _pass(armed: Path) -> None:
    try:
        arming = armed.name, armed.stat().st_mtime_ns
        action, _, wanted = armed.read_text(encoding="utf-8").strip().partition("@")
    except OSError:
        return
    with _lock:
        _passages[arming] += 1
        passage = _passages[arming]
    if wanted and int(wanted) != passage:
        return
    if action == "raise":
        raise FailpointError(f"failpoint {armed.name}")
    _signal_once(armed, {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}[action])


def _signal_once(armed: Path, number: signal.Signals) -> None:
    try:
        armed.rename(armed.with_name(armed.name + CLAIMED))  # of several processes one gets it
    except OSError:
        return
    os.kill(os.getpid(), number)
