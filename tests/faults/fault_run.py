"""One run: imports, faults in the middle of them, and then every oracle."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

import psycopg
from tests.faults.deliveries import Place, ends_of
from tests.faults.fault_catalog import DidNotStrikeError
from tests.faults.fault_world import CHUNK_ROWS
from tests.faults.followers import Follower
from tests.faults.ledger_watch import LedgerWatch
from tests.faults.oracles import Evidence, ImportEvidence, ended, verdicts
from tests.faults.uploads import Uploader
from tests.faults.workbooks import expected, make
from tests.road_client import RoadClient

from sluice.kafka import topic_names

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.fault_plan import FaultMoment, RunPlan
    from tests.faults.fault_world import FaultWorld
    from tests.faults.oracles import Verdict
    from tests.faults.workbooks import ImportPlan

NEXT_FAULT_WITHIN_S = 8.0
"""A fault that stops all progress must not hold up the next one for ever."""
LATE_VIEWER_S = 1.5
ARMED_WITHIN_S = 0.3
ENDS_EVERY_S = 0.5
CONNECT_TIMEOUT_S = 2
LOG_TOPICS = (topic_names.RESULTS, topic_names.JOB_EVENTS, topic_names.JOBS)


@dataclass(slots=True)
class FaultDone:
    """What became of one fault of a run."""

    name: str
    healed_s: float | None = None
    """On the monotonic clock; None: it did not strike."""
    recovery_s: float | None = None
    """From there to the ledger's next growth; None: nothing was left to be written."""
    standstill_s: float = 0.0
    """The longest time without growth from there on."""
    note: str = ""


@dataclass(slots=True, kw_only=True)
class RunReport:
    """What a run showed."""

    plan: RunPlan
    faults: list[FaultDone]
    imports: list[ImportEvidence]
    verdict: Verdict
    took_s: float
    terminal_s: float
    """From the last healing to the last job's end."""

    @property
    def is_green(self) -> bool:
        return not self.verdict.wrong


@dataclass(slots=True)
class _Running:
    """What goes on beside each other in a run."""

    world: FaultWorld
    plan: RunPlan
    token: str
    watch: LedgerWatch
    done: list[FaultDone] = field(default_factory=list)
    imports: dict[str, ImportEvidence] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    has_struck: threading.Event = field(default_factory=threading.Event)

    def do_fault(self, moment: FaultMoment) -> None:
        done = FaultDone(moment.fault.name)
        with self.lock:
            self.done.append(done)
        try:
            heal = moment.fault.begin(self.world, Random(moment.seed))
            if heal is not None:
                if moment.fault.lasts:
                    time.sleep(moment.duration_s)
                heal()
            done.healed_s = time.monotonic()
        except DidNotStrikeError as error:
            done.note = f"did not strike: {error}"
        except Exception as error:  # noqa: BLE001 - a fault's own failure belongs in the report
            done.healed_s = time.monotonic()
            self.say(f"{moment.fault.name}: {type(error).__name__}: {error}")

    def do_import(self, plan: ImportPlan, path: Path, *, watched_late: bool) -> None:
        uploader = Uploader(self.world.client_url, self.token)
        try:
            job_id = uploader.upload(path, plan)
        except AssertionError as error:
            self.say(str(error))
            return
        followers = [Follower(self.world.client_url, self.token, job_id)]
        if watched_late:
            late = Follower(self.world.client_url, self.token, job_id, delay_s=LATE_VIEWER_S)
            followers.append(late)
        with self.lock:
            self.world.job_ids.append(job_id)
            self.imports[job_id] = ImportEvidence(
                plan=plan, job_id=job_id, contents=expected(plan), followers=followers
            )
        for follower in followers:
            follower.start()

    def say(self, wrong: str) -> None:
        with self.lock:
            self.wrong.append(wrong)

    def await_ends(self) -> None:
        """Say when nothing is left to be harmed; a fault that waits for its moment gives up."""
        ids = list(self.imports)
        while not self.has_struck.wait(ENDS_EVERY_S):
            with contextlib.suppress(psycopg.Error):
                if ended(self.world.database_url, ids, CONNECT_TIMEOUT_S) == len(ids):
                    self.world.over.set()

    def await_share(self, share: float) -> None:
        total = self.plan.rows / CHUNK_ROWS
        deadline_s = time.monotonic() + NEXT_FAULT_WITHIN_S
        while self.watch.count < share * total and time.monotonic() < deadline_s:
            time.sleep(0.01)


def run_plan(world: FaultWorld, plan: RunPlan, books: Path) -> RunReport:
    """Do a run; everything is healed afterwards, whatever happened."""
    paths = [make(each, books) for each in plan.imports]
    world.heal()
    world.empty_tables()
    world.over.clear()
    begun_s = time.monotonic()
    begin = {topic: ends_of(world.stack.kafka_bootstrap, topic) for topic in LOG_TOPICS}
    client = RoadClient(world.stack.gateway, *world.stack.login)
    watch = LedgerWatch(world.database_url)
    watch.start()
    running = _Running(world, plan, client.token, watch)
    world.token, world.job_ids = client.token, []
    try:
        _do_all(running, paths)
        world.heal()
        return _judge(running, begin, client, begun_s)
    finally:
        world.over.set()
        watch.stop()
        client.close()
        for each in running.imports.values():
            for follower in each.followers:
                follower.give_up()


def _do_all(running: _Running, paths: list[Path]) -> None:
    early = [m for m in running.plan.faults if m.fault.moment == "before upload"]
    faults = [_start(running.do_fault, moment) for moment in early]
    if early:
        time.sleep(ARMED_WITHIN_S)
    imports = [
        _start(running.do_import, plan, path, watched_late=number == 0)
        for number, (plan, path) in enumerate(zip(running.plan.imports, paths, strict=True))
    ]
    for moment in running.plan.faults:
        if moment not in early:
            running.await_share(moment.at_share)
            faults.append(_start(running.do_fault, moment))
    for thread in imports:
        thread.join()
    ends = _start(running.await_ends)
    for thread in faults:
        thread.join()
    running.has_struck.set()
    ends.join()


def _start(work: object, *args: object, **named: object) -> threading.Thread:
    assert callable(work)
    thread = threading.Thread(target=work, args=args, kwargs=named, daemon=True)
    thread.start()
    return thread


def _judge(
    running: _Running, begin: dict[str, list[Place]], client: RoadClient, begun_s: float
) -> RunReport:
    # A healing after the last fault's own one (a service that came back by itself) counts too
    last_healed_s = time.monotonic()
    evidence = Evidence(
        world=running.world,
        imports=list(running.imports.values()),
        client=client,
        begin=begin,
        faults=[done.name for done in running.done],
        last_healed_s=last_healed_s,
    )
    verdict = verdicts(evidence)
    verdict.wrong[:0] = running.wrong
    running.watch.stop()
    for done in running.done:
        if done.healed_s is not None:
            done.recovery_s = running.watch.growth_after(done.healed_s)
            done.standstill_s = running.watch.standstill_after(done.healed_s)
    return RunReport(
        plan=running.plan,
        faults=running.done,
        imports=list(running.imports.values()),
        verdict=verdict,
        took_s=time.monotonic() - begun_s,
        terminal_s=evidence.terminal_s,
    )
