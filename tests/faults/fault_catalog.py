"""Every fault of the matrix by its name: how it begins, how it heals, when it makes sense."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

import httpx
import psycopg
from tests.faults.deliveries import ChunkRepeater
from tests.faults.fault_world import eventually
from tests.faults.tcp_proxy import CLEAR, Weather
from tests.faults.workbooks import LARGE_FILE, LONG_TEXTS

from devstack.process import ProcessIdentity, descendants

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from tests.faults.fault_world import FaultWorld

EXIT_WITHIN_S = 15.0
STRIKE_WITHIN_S = 60.0
STORM_STEP_S = 3.0
MANY_CONNECTIONS = 200


class DidNotStrikeError(Exception):
    """The fault found nothing to harm: the run shows nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One kind of harm.

    `begin` does the harm and returns what heals it, or None when it heals by itself; it may take
    a while. `lasts` tells whether there is an outage of some seconds before the healing.
    """

    name: str
    begin: Callable[[FaultWorld, Random], Callable[[], None] | None]
    lasts: bool = False
    moment: Literal["under way", "before upload"] = "under way"
    needs: str = ""
    """A workbook that the run must have beside: of so much text, or of so many bytes."""
    disks: bool = False
    """Only where a tmpfs can be mounted."""


# ---- processes


def _kill(service: str, world: FaultWorld, rng: Random) -> None:
    world.stack.kill(rng.choice(world.copies(service)), signal.SIGKILL)


def _kill_reading_child(world: FaultWorld, _rng: Random) -> None:
    """The parser's youngest descendant is a reader, when any is at work."""
    for process in world.stack.processes():
        if process.service == "parser" and process.pid is not None:
            readers = [d for d in descendants(process.pid) if _is_reader(d)]
            if readers:
                readers[-1].signal(signal.SIGKILL)
                return
    raise DidNotStrikeError("no sheet is being read")


def _is_reader(identity: ProcessIdentity) -> bool:
    """Children of the fork server have a process of our program as their grandparent."""
    with contextlib.suppress(OSError, IndexError):
        with open(f"/proc/{identity.pid}/stat", encoding="utf-8") as stat:  # noqa: PTH123 - /proc
            parent = int(stat.read().rpartition(")")[2].split()[1])
        with open(f"/proc/{parent}/cmdline", "rb") as cmdline:  # noqa: PTH123 - /proc
            return b"forkserver" in cmdline.read()
    return False


def _end_gently(service: str, world: FaultWorld, rng: Random) -> None:
    """SIGTERM under load: the exit is in time, or that is a finding."""
    name = rng.choice(world.copies(service))
    begun_s = time.monotonic()
    world.stack.stop(name)
    took_s = time.monotonic() - begun_s
    world.stack.start(name)
    assert took_s <= EXIT_WITHIN_S, f"{name} took {took_s:.1f} s to end after SIGTERM"


def _stand_still(service: str, world: FaultWorld, rng: Random) -> Callable[[], None]:
    name = rng.choice(world.copies(service))
    world.stack.pause(name)
    return lambda: world.stack.resume(name)


def _failpoint(point: str, highest: int, world: FaultWorld, rng: Random) -> None:
    world.arm(point, f"kill@{rng.randint(1, highest)}")


def _await_strike(point: str, world: FaultWorld) -> None:
    deadline_s = time.monotonic() + STRIKE_WITHIN_S
    while not world.has_fired(point):
        if time.monotonic() > deadline_s or world.over.is_set():
            world.disarm(point)
            raise DidNotStrikeError(f"nobody passed {point}")
        time.sleep(0.01)


def _kill_at(point: str, highest: int, world: FaultWorld, rng: Random) -> None:
    _failpoint(point, highest, world, rng)
    _await_strike(point, world)


def _writer_bug(world: FaultWorld, _rng: Random) -> Callable[[], None]:
    """Every chunk fails, for less than the ladder's 14 s: none becomes a dead letter."""
    world.arm("writer.before_tx", "raise")
    return lambda: world.disarm("writer.before_tx")


def _kill_forwarder(point: str, world: FaultWorld, rng: Random) -> None:
    """Chunks fail until one is on its way back; there its writer dies."""
    heal = _writer_bug(world, rng)
    try:
        _kill_at(point, 1, world, rng)
    finally:
        heal()


def _control(world: FaultWorld, action: str) -> None:
    """Ask for it until somebody answers; a job that has ended meanwhile says 409."""
    while not world.over.is_set():
        try:
            answer = httpx.post(
                f"{world.stack.gateway}/api/jobs/{world.job_ids[0]}/{action}",
                headers={"Authorization": f"Bearer {world.token}"}, timeout=20,
            )  # fmt: skip
        except httpx.HTTPError:
            continue
        if answer.status_code in {httpx.codes.ACCEPTED, httpx.codes.CONFLICT}:
            return
        time.sleep(0.2)


def _pause_and_resume(world: FaultWorld, _rng: Random) -> Callable[[], None]:
    if not world.job_ids:
        raise DidNotStrikeError("there is no job yet")
    _control(world, "pause")
    return lambda: _control(world, "resume")


# ---- Kafka, PostgreSQL, Redis


def _outage(part: str, by: int | None, world: FaultWorld, _rng: Random) -> Callable[[], None]:
    world.stack.stop(part, by)
    return lambda: world.stack.start(part)


def _restart(part: str, by: int | None, world: FaultWorld, _rng: Random) -> None:
    world.stack.stop(part, by)
    world.stack.start(part)


def _freeze(part: str, world: FaultWorld, _rng: Random) -> Callable[[], None]:
    world.stack.pause(part)
    return lambda: world.stack.resume(part)


def _flush_redis(world: FaultWorld, _rng: Random) -> None:
    import redis  # noqa: PLC0415 - only here

    with redis.Redis.from_url(world.stack.redis_url) as client:
        client.flushall()


def _crash_backend(world: FaultWorld, _rng: Random) -> None:
    """kill -9 of the session that is in a transaction: PostgreSQL restarts all of its own."""
    query = """
        SELECT pid FROM pg_stat_activity
         WHERE application_name = 'sluice-writer' AND xact_start IS NOT NULL LIMIT 1"""
    deadline_s = time.monotonic() + STRIKE_WITHIN_S
    with psycopg.connect(world.database_url, autocommit=True) as conn:
        while (row := conn.execute(query).fetchone()) is None:
            if time.monotonic() > deadline_s or world.over.is_set():
                raise DidNotStrikeError("no writer is in a transaction")
        os.kill(row[0], signal.SIGKILL)


def _take_all_connections(world: FaultWorld, _rng: Random) -> Callable[[], None]:
    """Whoever loses a connection now gets none: ours are ended, and all the rest is taken."""
    ender = psycopg.connect(world.database_url, autocommit=True, application_name="fault-hog")
    world.hogs.append(ender)
    ender.execute("""
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name LIKE 'sluice-%'""")
    with contextlib.suppress(psycopg.OperationalError):
        for _ in range(MANY_CONNECTIONS):
            world.hogs.append(
                psycopg.connect(world.database_url, application_name="fault-hog", autocommit=True)
            )

    def release() -> None:
        while world.hogs:
            world.hogs.pop().close()

    return release


# ---- disks


def _fill(disk: str, world: FaultWorld, _rng: Random) -> Callable[[], None]:
    world.disks[disk].fill()
    return world.disks[disk].make_room


# ---- the network


def _weather(proxy: str, weather: Weather, world: FaultWorld, _rng: Random) -> Callable[[], None]:
    world.proxies.change(proxy, weather)
    return lambda: world.proxies.change(proxy, CLEAR)


def _reset_once(proxy: str, world: FaultWorld, _rng: Random) -> None:
    world.proxies.change(proxy, Weather(resets=True))
    world.proxies.change(proxy, CLEAR)


def _cut_at_commit(proxy: str, world: FaultWorld, _rng: Random) -> None:
    """The server has the COMMIT, nobody hears what became of it."""
    before = world.proxies.cuts(proxy)
    world.proxies.change(proxy, Weather(cut_after=b"COMMIT"))
    try:
        eventually(
            lambda: world.proxies.cuts(proxy) > before or world.over.is_set(),
            STRIKE_WITHIN_S, "a commit",
        )  # fmt: skip
    except AssertionError as error:
        raise DidNotStrikeError(str(error)) from error
    finally:
        world.proxies.change(proxy, CLEAR)


# ---- deliveries, rebalances, clocks


def _deliver_again(world: FaultWorld, rng: Random) -> Callable[[], None]:
    """Every chunk comes one to three times more, late, shuffled, on any partition."""
    repeater = ChunkRepeater(world.stack.kafka_bootstrap, rng.random())
    repeater.start()
    return repeater.stop


def _rebalance_storm(world: FaultWorld, _rng: Random) -> None:
    for number in range(3):
        if world.over.is_set():
            break
        name = f"writer-extra-{number}"
        world.stack.add_copy("writer", name)
        world.extra_writers.append(name)
        world.over.wait(STORM_STEP_S)
        world.extra_writers.remove(name)
        world.stack.remove(name)


def _wrong_clock(
    service: str, shift_s: float, world: FaultWorld, rng: Random
) -> Callable[[], None]:
    name = rng.choice(world.copies(service))
    world.stack.set_env(name, {"SLUICE_CLOCK_SHIFT_S": str(shift_s)})
    world.stack.restart(name)

    def set_right() -> None:
        world.stack.set_env(name, {"SLUICE_CLOCK_SHIFT_S": "0"})
        world.stack.restart(name)

    return set_right


# ---- the catalog

POINTS: tuple[tuple[str, int, Literal["under way", "before upload"]], ...] = (
    ("upload.mid_body", 1, "before upload"),
    ("upload.after_rename", 1, "before upload"),
    ("upload.after_commit", 1, "before upload"),
    ("outbox.after_confirm", 1, "before upload"),
    ("parser.before_offset", 1, "before upload"),
    ("parser.before_first_chunk", 1, "before upload"),
    ("parser.mid_file", 60, "before upload"),
    ("parser.after_last_chunk", 1, "before upload"),
    ("parser.after_manifest", 1, "before upload"),
    ("writer.before_tx", 4, "under way"),
    ("writer.mid_copy", 4, "before upload"),
    ("writer.at_commit", 4, "under way"),
    ("writer.after_commit", 4, "under way"),
    ("writer.after_event", 4, "under way"),
    ("fold.before_fold", 20, "under way"),
    ("fold.before_snapshot", 4, "under way"),
    ("fold.after_snapshot", 4, "under way"),
    ("settler.before_finish", 1, "before upload"),
    ("settler.after_finish", 1, "before upload"),
)
BLACK_HOLES = (
    "writer-postgres", "parser-postgres", "upload-api-postgres", "progress-settler-postgres",
    "progress-gateway-postgres", "progress-fold-redis", "progress-gateway-redis", "writer-redis",
    "writer-kafka", "parser-kafka", "progress-fold-kafka", "progress-settler-kafka",
    "upload-api-kafka", "clients-gateway",
)  # fmt: skip
SERVICES = (
    "upload-api", "parser", "writer", "progress-fold", "progress-settler", "progress-gateway",
)  # fmt: skip
SLOW = Weather(delay_s=0.2, jitter_s=0.1)
TRICKLE = Weather(bytes_per_s=1024)


def _process_faults() -> list[Fault]:
    return [
        *(Fault(name=f"kill -9 {s}", begin=partial(_kill, s)) for s in SERVICES),
        *(
            Fault(
                name=f"kill -9 at {point}",
                begin=partial(_kill_at, point, highest),
                moment=when,
                needs=LARGE_FILE if point == "upload.mid_body" else "",
            )
            for point, highest, when in POINTS
        ),
        *(
            Fault(name=f"kill -9 at {point}", begin=partial(_kill_forwarder, point))
            for point in ("retry.before_ack", "retry.after_ack")
        ),
        Fault(name="kill -9 the sheet's reader", begin=_kill_reading_child),
        *(Fault(name=f"SIGTERM {s}", begin=partial(_end_gently, s)) for s in SERVICES),
        *(
            Fault(name=f"SIGSTOP {s}", begin=partial(_stand_still, s), lasts=True)
            for s in ("writer", "parser", "progress-fold", "progress-settler", "progress-gateway")
        ),
    ]


def _server_faults() -> list[Fault]:
    kill, quit_ = int(signal.SIGKILL), int(signal.SIGQUIT)
    return [
        Fault(name="kafka restarts", begin=partial(_restart, "kafka", None)),
        Fault(name="kafka is killed", begin=partial(_restart, "kafka", kill)),
        Fault(name="kafka is away", begin=partial(_outage, "kafka", None), lasts=True),
        Fault(name="kafka stands still", begin=partial(_freeze, "kafka"), lasts=True),
        Fault(name="postgres is away", begin=partial(_outage, "postgres", None), lasts=True),
        Fault(name="postgres stops at once", begin=partial(_outage, "postgres", quit_), lasts=True),
        Fault(name="postgres is killed", begin=partial(_restart, "postgres", kill)),
        Fault(name="postgres stands still", begin=partial(_freeze, "postgres"), lasts=True),
        Fault(name="a postgres session crashes", begin=_crash_backend),
        Fault(name="postgres has no connection left", begin=_take_all_connections, lasts=True),
        Fault(name="redis is away", begin=partial(_outage, "redis", None), lasts=True),
        Fault(name="redis stands still", begin=partial(_freeze, "redis"), lasts=True),
        Fault(name="redis is flushed", begin=_flush_redis),
    ]


def _disk_faults() -> list[Fault]:
    return [
        Fault(
            name="the upload disk is full", begin=partial(_fill, "files"), lasts=True,
            moment="before upload", disks=True,
        ),
        Fault(
            name="the spill disk is full", begin=partial(_fill, "spill"), lasts=True,
            moment="before upload", disks=True, needs=LONG_TEXTS,
        ),
        Fault(
            name="the tables' disk is full", begin=partial(_fill, "tables"), lasts=True,
            disks=True,
        ),
    ]  # fmt: skip


def _network_faults() -> list[Fault]:
    return [
        *(
            Fault(
                name=f"black hole {road}",
                begin=partial(_weather, road, Weather(black_hole=True)),
                lasts=True,
            )
            for road in BLACK_HOLES
        ),
        *(
            Fault(name=f"resets {road}", begin=partial(_reset_once, road))
            for road in ("writer-postgres", "writer-kafka", "progress-fold-redis",
                         "clients-gateway", "parser-kafka", "parser-postgres")
        ),
        *(
            Fault(name=f"slow {road}", begin=partial(_weather, road, SLOW), lasts=True)
            for road in ("writer-postgres", "writer-kafka", "progress-gateway-redis")
        ),
        *(
            Fault(name=f"1 kB/s {road}", begin=partial(_weather, road, TRICKLE), lasts=True)
            for road in ("writer-postgres", "clients-gateway", "progress-fold-kafka")
        ),
        Fault(name="cut at COMMIT", begin=partial(_cut_at_commit, "writer-postgres")),
        Fault(
            name="cut at the upload's COMMIT", begin=partial(_cut_at_commit, "upload-api-postgres"),
            moment="before upload",
        ),
    ]  # fmt: skip


def _order_faults() -> list[Fault]:
    return [
        Fault(name="chunks come again", begin=_deliver_again, lasts=True, moment="before upload"),
        Fault(name="writers come and go", begin=_rebalance_storm),
        Fault(name="a writer bug for some seconds", begin=_writer_bug, lasts=True),
        Fault(name="paused and resumed", begin=_pause_and_resume, lasts=True),
        *(
            Fault(
                name=f"clock {shift_s:+.0f} s {service}",
                begin=partial(_wrong_clock, service, shift_s), lasts=True,
            )
            for service in ("writer", "parser", "progress-settler", "progress-fold")
            for shift_s in (300.0, -300.0)
        ),
    ]  # fmt: skip


CATALOG: dict[str, Fault] = {
    fault.name: fault
    for fault in (
        *_process_faults(), *_server_faults(), *_disk_faults(), *_network_faults(),
        *_order_faults(),
    )
}  # fmt: skip
