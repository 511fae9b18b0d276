"""How everything does, as operators are told."""

from datetime import datetime
from typing import Literal

from sluice.kafka import topic_names
from upload_api.adapters.road_facts import PACE_STEP_S, Overview
from upload_api.domain.road_health import SERVICES, Part, PartState
from upload_api.entrypoints.callers import View
from upload_api.entrypoints.dead_letter_views import HaltView


class InstanceView(View):
    """One process of a service."""

    instance: str
    is_up: bool
    uptime_s: float
    silent_s: float
    waits_for: str
    """What its `/readyz` says; empty when it is ready."""


class PartView(View):
    """A service, or something that all rest on."""

    name: str
    kind: Literal["service", "dependency"]
    state: PartState
    reason: str
    since_s: float | None
    instances: list[InstanceView]


class StageView(View):
    """What waits at one stage of the road; null while nobody can tell."""

    name: str
    waiting: int | None
    oldest_s: float | None


class PaceStepView(View):
    """Rows that were written, and refused, within one step of time that begins at `at`."""

    at: datetime
    rows: int
    failed: int


class PaceView(View):
    """Rows over the last minutes; steps without any are left out."""

    step_s: int
    steps: list[PaceStepView]


class LetterClassView(View):
    """Dead letters of one class; `hours` are those that came, the oldest of 24 hours first."""

    error_class: str
    open: int
    parked: int
    hours: list[int]


class OverviewView(View):
    """How everything does."""

    at: datetime
    parts: list[PartView]
    stages: list[StageView]
    jobs: dict[str, int]
    """Unfinished ones by status."""
    open_streams: int | None
    pace: PaceView
    dead_letters: list[LetterClassView]
    halts: list[HaltView]


def overview_view(overview: Overview) -> OverviewView:
    return OverviewView(
        at=overview.at,
        parts=[_part(part) for part in overview.parts],
        stages=_stages(overview),
        jobs=dict(overview.stock.jobs),
        open_streams=overview.open_streams,
        pace=PaceView(step_s=PACE_STEP_S, steps=[PaceStepView(**step) for step in overview.pace]),
        dead_letters=[
            LetterClassView(
                error_class=each.error_class,
                open=each.open,
                parked=each.parked,
                hours=list(each.hours),
            )
            for each in overview.letters
        ],
        halts=[HaltView(**halt) for halt in overview.halts],
    )


def _part(part: Part) -> PartView:
    return PartView(
        name=part.name,
        kind="service" if part.name in SERVICES else "dependency",
        state=part.state,
        reason=part.reason,
        since_s=part.since_s,
        instances=[
            InstanceView(
                instance=each.instance,
                is_up=each.is_up,
                uptime_s=each.uptime_s,
                silent_s=each.silent_s,
                waits_for=each.waits_for,
            )
            for each in part.instances
        ],
    )


def _stages(overview: Overview) -> list[StageView]:
    stock, lags = overview.stock, overview.lags

    def waiting(*topics: str) -> int | None:
        return None if lags is None else sum(lags.get(topic, 0) for topic in topics)

    return [
        StageView(
            name="outbox",
            waiting=stock.outbox_records,
            oldest_s=stock.outbox_oldest_s if stock.outbox_records else None,
        ),
        StageView(name="jobs", waiting=stock.jobs.get("pending", 0), oldest_s=None),
        StageView(name="chunks", waiting=waiting(topic_names.CHUNKS), oldest_s=None),
        StageView(name="retries", waiting=waiting(*topic_names.CHUNKS_RETRY), oldest_s=None),
        StageView(name="results", waiting=waiting(topic_names.RESULTS), oldest_s=None),
    ]
