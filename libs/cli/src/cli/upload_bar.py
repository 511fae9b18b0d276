"""Sends a file behind a bar, as `import` and `preview` do."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from cli.progress_display import upload_bar
from sluice_client.uploads import send_upload, sent_safely

if TYPE_CHECKING:
    from rich.console import Console

    from cli.api_client import ApiClient
    from sluice_client.uploads import Answer, Upload


def send_file(client: ApiClient, upload: Upload, console: Console) -> Answer:
    """Send a file; again when the answer is lost."""
    size_bytes = upload.file.stat().st_size if upload.file is not None else 0
    with upload_bar(console) as bar:
        task = bar.add_task("uploading", total=size_bytes)

        def send() -> Answer:
            bar.reset(task, total=size_bytes)
            return send_upload(client, upload, lambda size: bar.advance(task, size))

        return sent_safely(send, time.sleep, lambda told: click.echo(told, err=True))
