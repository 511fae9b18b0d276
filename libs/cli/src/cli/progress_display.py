"""A job's progress on the terminal: a live bar for people, plain lines for logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from cli.job_progress import JobProgress
    from sluice.clock import Clock

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
                task, completed=last.percent, description=last.status, told=told_numbers(last)
            )
    return last


def _show_lines(states: Iterable[JobProgress], clock: Clock) -> JobProgress | None:
    last, shown_status, due_s = None, "", clock.monotonic_s()
    for last in states:
        now_s = clock.monotonic_s()
        if last.status != shown_status or now_s >= due_s or last.is_terminal:
            click.echo(f"{last.status} {last.percent:.1f} % {told_numbers(last)}")
            shown_status, due_s = last.status, now_s + LINE_EVERY_S
    return last


def told_numbers(state: JobProgress) -> str:
    """Return rows, speed, time left and failures as text."""
    about = "~" if state.total_is_estimate else ""
    parts = [f"{state.processed_rows:,}/{about}{state.total_rows:,} rows"]
    if state.rows_per_second:
        parts.append(f"{state.rows_per_second:,.0f} rows/s")
    if state.time_left_s is not None and not state.is_terminal:
        parts.append(f"{state.time_left_s:,.0f} s left")
    if state.failed_rows:
        parts.append(f"{state.failed_rows:,} failed")
    if state.reason:
        parts.append(state.reason)
    return "  ".join(parts)


def summary(state: JobProgress, seconds: float) -> list[str]:
    """Return the lines that stand below when all is over."""
    speed = f", {state.processed_rows / seconds:,.0f} rows/s" if seconds > 0 else ""
    lines = [
        (
            f"{state.status}: {state.success_rows:,} of {state.total_rows:,} rows are in, "
            f"{state.failed_rows:,} failed; {seconds:.1f} s{speed}"
        )
    ]
    if state.reason:
        lines.append(state.reason)
    return lines + [f"  {error}" for error in state.errors]
