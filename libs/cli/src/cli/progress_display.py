"""A job's progress on the terminal: a live bar for people, plain lines for logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from sluice.clock import Clock
    from sluice_client.job_progress import JobProgress, Undo

LINE_EVERY_S = 1.0


def upload_bar(console: Console) -> Progress:
    """Return the bar of an upload; hidden when nobody watches."""
    columns = (TextColumn("uploading"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def show(states: Iterable[JobProgress], console: Console, clock: Clock) -> JobProgress | None:
    """Show each state as it comes; return the last."""
    return _show_bar(states, console) if console.is_terminal else _show_lines(states, clock)


def _show_bar(states: Iterable[JobProgress], console: Console) -> JobProgress | None:
    columns = (
        TextColumn("{task.description:<11}"),
        BarColumn(),
        TextColumn("{task.percentage:>5.1f} %"),
        TextColumn("{task.fields[told]}"),
    )
    last = None
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("pending", total=100.0, told="")
        for last in states:
            bar.update(
                task,
                completed=last.percent,
                description=last.told_status,
                told=told_numbers(last),
            )
    return last


def _show_lines(states: Iterable[JobProgress], clock: Clock) -> JobProgress | None:
    last, shown_status, due_s = None, "", clock.monotonic_s()
    for last in states:
        now_s = clock.monotonic_s()
        if last.told_status != shown_status or now_s >= due_s or last.is_terminal:
            click.echo(f"{last.told_status} {last.percent:.1f} % {told_numbers(last)}")
            shown_status, due_s = last.told_status, now_s + LINE_EVERY_S
    return last


def told_numbers(state: JobProgress) -> str:
    """Return rows, speed, time left and failures as text."""
    if state.ongoing == "undo" and state.undo is not None:
        return _undo_numbers(state.undo)
    about = "~" if state.total_is_estimate else ""
    parts = ["dry run"] if state.dry_run else []
    parts.append(f"{state.processed_rows:,}/{about}{state.total_rows:,} rows")
    if state.rows_per_second:
        parts.append(f"{state.rows_per_second:,.0f} rows/s")
    if state.time_left_s is not None and not state.is_terminal:
        parts.append(f"{state.time_left_s:,.0f} s left")
    counted = {"failed": state.failed_rows, "healed": state.healed_rows}
    parts += [f"{count:,} {name}" for name, count in counted.items() if count]
    if state.reason:
        parts.append(state.reason)
    return "  ".join(parts)


def _undo_numbers(undo: Undo) -> str:
    parts = [f"{undo.reversed:,}/{undo.total:,} rows taken back"]
    if undo.kept:
        parts.append(f"{undo.kept:,} kept, changed since")
    if undo.refused:
        parts.append(f"{undo.refused:,} held by other tables")
    return "  ".join(parts)


def summary(state: JobProgress, seconds: float) -> list[str]:
    """Return the lines that stand below when all is over."""
    lines = [f"{state.status}: {_outcome(state)}; {seconds:.1f} s{_speed(state, seconds)}"]
    if state.reason:
        lines.append(state.reason)
    return lines + [f"  {error}" for error in state.errors]


def _outcome(state: JobProgress) -> str:
    if state.status == "undone" and state.undo is not None:
        return _undo_numbers(state.undo)
    counts = f"{state.success_rows:,} of {state.total_rows:,} rows"
    if state.dry_run:
        return f"nothing was written: {counts} would be in, {state.failed_rows:,} would fail"
    healed = f", {state.healed_rows:,} healed" if state.healed_rows else ""
    return f"{counts} are in, {state.failed_rows:,} failed{healed}"


def _speed(state: JobProgress, seconds: float) -> str:
    if seconds <= 0 or state.status == "undone":
        return ""
    return f", {state.processed_rows / seconds:,.0f} rows/s"
