import pytest

from sluice.processes import SILENT_AFTER_S, Process
from upload_api.domain.road_health import (
    SERVICES,
    SHOWN_SILENT_S,
    Part,
    PartState,
    Standings,
    letter_classes,
    open_streams,
    service_parts,
)


def process(
    service: str = "writer",
    instance: str = "a:1",
    silent_s: float = 1.0,
    waits_for: str = "",
    streams: int | None = None,
) -> Process:
    return Process(
        service=service,
        instance=instance,
        uptime_s=60.0,
        silent_s=silent_s,
        waits_for=waits_for,
        open_streams=streams,
    )


def writer(*processes: Process) -> Part:
    return next(part for part in service_parts(processes) if part.name == "writer")


def test_without_redis_every_service_is_unknown_and_says_why() -> None:
    parts = service_parts(None)
    assert [part.name for part in parts] == list(SERVICES)
    assert {part.state for part in parts} == {PartState.UNKNOWN}
    assert all("Redis" in part.reason for part in parts)


@pytest.mark.parametrize(
    ("processes", "state"),
    [
        ([], PartState.MISSING),
        ([process()], PartState.UP),
        ([process(silent_s=SILENT_AFTER_S)], PartState.SILENT),
        ([process(waits_for="postgres: away")], PartState.WAITING),
        ([process(), process(instance="b:2", silent_s=99)], PartState.UP),
        ([process(waits_for="x", silent_s=99), process(instance="b:2")], PartState.UP),
        ([process(service="parser")], PartState.MISSING),
    ],
)
def test_a_service_is_what_its_processes_are(processes: list[Process], state: PartState) -> None:
    assert writer(*processes).state is state


def test_a_dead_process_is_shown_beside_its_followers_for_a_while_only() -> None:
    lately = process(instance="b:2", silent_s=SHOWN_SILENT_S - 1)
    long_ago = process(instance="c:3", silent_s=SHOWN_SILENT_S)
    part = writer(process(), lately, long_ago)
    assert [each.instance for each in part.instances] == ["a:1", "b:2"]
    assert len(writer(lately, long_ago).instances) == 2


def test_streams_are_added_up_over_the_gateways_that_are_there() -> None:
    gateways = [
        process(service="progress-gateway", streams=2),
        process(service="progress-gateway", instance="b:2", streams=3),
        process(service="progress-gateway", instance="c:3", streams=9, silent_s=99),
    ]
    assert open_streams([*gateways, process()]) == 5
    assert open_streams([process()]) is None
    assert open_streams(None) is None


def test_it_is_known_since_when_something_is_away() -> None:
    standings = Standings()
    assert standings.part("kafka", "", 100.0).since_s == 0.0
    assert standings.part("kafka", "", 130.0).since_s == 30.0
    away = standings.part("kafka", "no answer", 140.0)
    assert (away.state, away.reason, away.since_s) == (PartState.AWAY, "no answer", 0.0)
    assert standings.part("kafka", "refused", 145.0).since_s == 5.0
    assert standings.part("kafka", "", 150.0).since_s == 0.0


def test_letters_are_counted_by_class_and_by_the_hour_they_came() -> None:
    counts = [
        ("POISON", "open", 0, 2),
        ("DEADLOCK", "open", 30, 4),
        ("DEADLOCK", "parked", 1, 1),
        ("DEADLOCK", "healed", 23, 7),
    ]
    deadlock, poison = letter_classes(counts)
    assert (deadlock.error_class, deadlock.open, deadlock.parked) == ("DEADLOCK", 4, 1)
    assert (deadlock.hours[0], deadlock.hours[22], sum(deadlock.hours)) == (7, 1, 8)
    assert (poison.open, poison.hours[-1]) == (2, 2)
