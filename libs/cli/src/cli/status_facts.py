"""How a running installation is doing, read from the metrics of its processes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from prometheus_client.parser import text_string_to_metric_families

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

WAITS = {
    "sluice_parser_waiting": "parser",
    "sluice_writer_resting": "writer",
    "sluice_fold_waiting": "progress-fold",
    "sluice_settler_waiting": "progress-settler",
    "sluice_gateway_redis_away": "progress-gateway (Redis)",
}


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of one process."""

    name: str
    labels: Mapping[str, str]
    value: float


def samples_of(pages: Iterable[str]) -> list[Sample]:
    """Return what `/metrics` of several processes say, without what is not ours."""
    return [
        Sample(sample.name, sample.labels, sample.value)
        for page in pages
        for family in text_string_to_metric_families(page)
        if family.name.startswith("sluice_")
        for sample in family.samples
    ]


def facts_of(before: list[Sample], after: list[Sample], seconds: float) -> dict[str, Any]:
    """Return the facts of now; the pace is that of the seconds between two readings."""
    rows = _sum(after, "sluice_writer_rows_total") - _sum(before, "sluice_writer_rows_total")
    free = [each.value for each in after if each.name == "sluice_storage_free_bytes"]
    still = _most(after, "sluice_job_standstill_seconds")
    return {
        "jobs": _by(after, "sluice_jobs", "status"),
        "standstillSeconds": None if still is None else round(still, 1),
        "rowsPerSecond": max(0, round(rows / seconds)),
        "lag": _by(after, "sluice_consumer_lag_records", "group", "topic"),
        "outboxRecords": _most(after, "sluice_outbox_records"),
        "deadLetters": _by(after, "sluice_dead_letters", "code"),
        "halted": [
            each.labels["consumer"]
            for each in after
            if each.name == "sluice_consumers_halted" and each.value
        ],
        "waiting": _waiting(after),
        "openStreams": round(_sum(after, "sluice_gateway_open_streams")),
        "storageFreeBytes": next((round(each) for each in free if not math.isnan(each)), None),
        "versions": _builds(after, "version"),
        "readers": _parts(after, "reader"),
        "encoders": _parts(after, "encoder"),
    }


def lines_of(facts: Mapping[str, Any]) -> list[str]:
    """Return the facts for people, one line each."""
    free, still = facts["storageFreeBytes"], facts["standstillSeconds"]
    told = {
        "imports": _imports(facts["jobs"]),
        "pace": f"{facts['rowsPerSecond']:,} rows/s",
        "lag": _listed(facts["lag"]) or "none",
        "dead letters": _listed(facts["deadLetters"]) or "none",
        "halted": ", ".join(facts["halted"]) or "no",
        "waiting": ", ".join(facts["waiting"]) or "nobody",
        "streams": f"{facts['openStreams']} open",
        "room": "unknown" if free is None else f"{free / 1e9:,.1f} GB for uploads",
        "reader": ", ".join(sorted(set(facts["readers"].values()))) or "unknown",
        "encoder": ", ".join(sorted(set(facts["encoders"].values()))) or "unknown",
        "version": ", ".join(sorted(set(facts["versions"].values()))) or "unknown",
    }
    if still:
        told["standstill"] = f"one import has not moved for {still:,.0f} s"
    return [f"  {name:<13} {text}" for name, text in told.items()]


def _imports(jobs: Mapping[str, float]) -> str:
    """Return what is unfinished; the settler that leads tells zeros, and only it tells at all."""
    return _listed(jobs) or ("none unfinished" if jobs else "nobody tells: no settler leads")


def _waiting(samples: list[Sample]) -> list[str]:
    return sorted({WAITS[each.name] for each in samples if each.value and each.name in WAITS})


def _listed(counts: Mapping[str, float]) -> str:
    return ", ".join(f"{count:,.0f} {name}" for name, count in counts.items() if count)


def _by(samples: list[Sample], name: str, *labels: str) -> dict[str, int]:
    return {
        " ".join(each.labels[label] for label in labels): round(each.value)
        for each in samples
        if each.name == name
    }


def _builds(samples: list[Sample], label: str) -> dict[str, str]:
    return {
        each.labels["service"]: each.labels.get(label, "none")
        for each in samples
        if each.name == "sluice_build_info"
    }


def _sum(samples: list[Sample], name: str) -> float:
    return sum(each.value for each in samples if each.name == name)


def _most(samples: list[Sample], name: str) -> float | None:
    return max((each.value for each in samples if each.name == name), default=None)


def _parts(samples: list[Sample], label: str) -> dict[str, str]:
    """Return what the services that have such a part say of it."""
    return {name: of for name, of in _builds(samples, label).items() if of != "none"}
