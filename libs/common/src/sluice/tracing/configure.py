"""A process's tracer from its settings; without any nothing of OpenTelemetry is imported."""

from __future__ import annotations

import atexit
from typing import TYPE_CHECKING

from sluice.tracing.spans import install

if TYPE_CHECKING:
    from sluice.settings import Settings


def configure_tracing(service: str, settings: Settings) -> None:
    """Record spans where `SLUICE_TRACES` says so, and export the last ones at the end."""
    if settings.traces is None:
        return
    from sluice.tracing.opentelemetry import SdkTracer  # noqa: PLC0415 - 40 ms and 10 MB

    tracer = SdkTracer(service, settings)
    install(tracer)
    atexit.register(tracer.close)
