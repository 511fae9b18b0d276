"""Step 2: the parser's loop: claim, read, publish within the window, state the end."""

from __future__ import annotations

import threading
from multiprocessing.connection import wait as wait_for_pipes
from typing import TYPE_CHECKING, TypeAlias

import structlog

from parser.adapters.sheet_reader import (
    ChunkRead,
    Died,
    Ended,
    Failed,
    Fetching,
    Frame,
    NotFetched,
    Opened,
    SheetReader,
)
from parser.domain.active_parse import ActiveParse, may_claim_any_size
from parser.domain.claims import HOPELESS, Claim, ClaimState, state_of
from parser.domain.window import weight_of
from parser.entrypoints.held_up_jobs import WAITS_FOR, HeldUpJobs
from parser.metrics import ACTIVE, CHUNKS, OUTSTANDING, PARSES, WAITING
from sluice import tracing
from sluice.errors import Outage
from sluice.failpoints import failpoint
from sluice.metrics import took
from sluice.storage import FileMissing
from sluice.tracing import Kind
from xlsx_reader import READER_NAME

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from parser.adapters.fetching_reader import FetchingReader
    from parser.adapters.postgres_parses import PostgresParses
    from parser.adapters.publish_chunks import ChunkPublisher
    from parser.domain.parser_policy import ParserPolicy
    from parser.entrypoints.consume_job_created import JobWakeups
    from sluice.clock import Clock
    from sluice.kafka.waiting_notices import WaitingNotices
    from sluice.liveness import Heartbeat

log = structlog.get_logger(__name__)

CLAIM_EVERY_S = 2.0
"""A lost or late wake-up costs this long."""
RENEW_EVERY_S = 0.5
"""Also how soon a pause or a cancel is seen; both must act within 2 s."""
WINDOW_EVERY_S = 0.05
PIPE_WAIT_S = 0.02
IDLE_WAIT_S = 0.5
UNCONFIRMED_MAX = 8
"""Records of at most 1.1 MB, far under the producer's 32 MB: queueing one never blocks the loop."""
AFTER_OUTAGE_S = 15.0
"""Nobody takes an expired lease this soon after his own reconnection: while PostgreSQL was away
no owner could renew."""
RETRY_AFTER_DEATH_S = 2.0
PROBE_MAX_S = 5.0
ABSENT_MAX_S = 1.0
"""So long, files that are out of reach are passed over in one go: then the running parses go on."""

Reader: TypeAlias = "SheetReader | FetchingReader"
Parse = ActiveParse[Reader, Frame, Ended]


class ParserLoop:
    """Everything happens in one thread; only `stop` may be called from another."""

    def __init__(  # noqa: PLR0913 - what bootstrap joins; each is used
        self,
        *,
        wakeups: JobWakeups,
        parses: PostgresParses,
        publisher: ChunkPublisher,
        open_reader: Callable[[Claim, frozenset[int]], Reader],
        notices: WaitingNotices,
        clock: Clock,
        heart: Heartbeat,
        policy: ParserPolicy,
    ) -> None:
        self._wakeups = wakeups
        self._parses = parses
        self._publisher = publisher
        self._open_reader = open_reader
        self._notices = notices
        self._clock = clock
        self._heart = heart
        self._policy = policy
        self._active: dict[UUID, Parse] = {}
        self._claim_at_s = self._renew_at_s = self._window_at_s = 0.0
        self._expired_from_s = 0.0
        self._given_up: list[Claim] = []
        self._held_up = HeldUpJobs(notices, clock, policy.held_off_s)
        self._probe_s = 0.0
        self._probe_at_s = 0.0
        self._stopping = threading.Event()
        self.outage, self._away = "", ""

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        """Work until `stop`; then end every parse cleanly, so that others go on at once."""
        while not self._stopping.is_set():
            self.turn()
        self._shut_down()

    def turn(self) -> None:
        """Do what is due, once."""
        self._heart.beat()
        now_s = self._clock.monotonic_s()
        idle = not self._active or bool(self.outage)
        self._listen(IDLE_WAIT_S if idle else 0)
        if self.outage:
            self._tell_of_outage()
            if now_s < self._probe_at_s:
                return
        try:
            self._do_what_is_due()
        except Outage as outage:
            self._wait_out(outage)
        else:
            self._outage_is_over()

    def _listen(self, timeout_s: float) -> None:
        """Wait for a wake-up: wherever one comes, the job is claimed in the next turn."""
        if self._wakeups.wait(timeout_s):
            self._claim_at_s = 0.0

    def _do_what_is_due(self) -> None:
        now_s = self._clock.monotonic_s()
        self._publisher.poll()
        self._wakeups.settle()
        self._release_given_up()
        if now_s >= self._renew_at_s:
            self._renew()
            self._renew_at_s = now_s + RENEW_EVERY_S
        if now_s >= self._claim_at_s:
            self._claim_at_s = now_s + CLAIM_EVERY_S
            self._claim()
        self._held_up.tell()
        if now_s >= self._window_at_s:
            self._look_at_windows(now_s)
            self._window_at_s = now_s + WINDOW_EVERY_S
        self._end_what_is_confirmed()
        self._read_frames()

    # ---- claims

    def _claim(self) -> None:
        until_s = self._clock.monotonic_s() + ABSENT_MAX_S
        while len(self._active) < self._policy.slots:
            claim = self._parses.claim_next(
                any_size=may_claim_any_size(self._policy.slots, len(self._active)),
                take_expired=self._clock.monotonic_s() >= self._expired_from_s,
            )
            if claim is None:
                return
            self._forget(claim.job_id)
            self._begin(claim)
            if claim.job_id not in self._active and self._clock.monotonic_s() >= until_s:
                self._claim_at_s = self._clock.monotonic_s() + CLAIM_EVERY_S
                return

    def _begin(self, claim: Claim) -> None:
        if claim.waited_s is not None:
            took("queue", claim.waited_s)
        log.info(
            "parse begins",
            job_id=str(claim.job_id),
            run=claim.run,
            epoch=claim.epoch,
            reader=READER_NAME,
            **tracing.log_fields(claim.traceparent),
        )
        if claim.is_hopeless:
            self._fail(claim, "RESOURCE_LIMIT", HOPELESS)
            return
        try:
            reader = self._open_reader(claim, self._parses.known_chunks(claim.job_id))
        except (FileMissing, Outage) as error:
            self._not_here(claim, error)
            return
        span = tracing.start("parse", claim.traceparent, Kind.CONSUMER)
        span.set({"sluice.job.id": str(claim.job_id), "sluice.run": claim.run})
        parse = Parse(claim=claim, reader=reader, begun_at_s=self._clock.monotonic_s(), span=span)
        parse.window.moved_at_s = parse.begun_at_s
        self._active[claim.job_id] = parse
        ACTIVE.set(len(self._active))

    def _not_here(self, claim: Claim, error: Exception) -> None:
        """Fail the job of a file that is gone; hold off one whose file is out of reach.

        Nothing else waits for it: what is away may be this file alone.
        """
        if isinstance(error, FileMissing):
            log.warning("a stored file is missing", job_id=str(claim.job_id), reason=str(error))
            self._fail(claim, "FILE_MISSING", "The uploaded file is gone; upload it again.")
            return
        if not isinstance(error, Outage) or error.dependency != "storage":
            self._parses.release(claim)
            raise error
        self._parses.hold_off(claim, self._policy.held_off_s)  # that is no attempt of this file
        if self._held_up.add(claim.job_id, claim.run):
            log.warning("a file is out of reach", job_id=str(claim.job_id), reason=error.reason)

    def _renew(self) -> None:
        if not self._active:
            return
        renewals = self._parses.renew(list(self._active))
        for job_id, parse in list(self._active.items()):
            state = state_of(parse.claim, renewals.get((job_id, parse.claim.epoch)))
            if state is ClaimState.HOLDS:
                continue
            log.info("parse is given up", job_id=str(job_id), why=state.value)
            PARSES.labels("given_up").inc()
            self._forget(job_id)
            if state is ClaimState.ENDED:
                self._parses.release(parse.claim)
            self._claim_at_s = 0.0

    def _release_given_up(self) -> None:
        while self._given_up:
            self._parses.release(self._given_up[-1])
            self._given_up.pop()

    def _forget(self, job_id: UUID) -> None:
        parse = self._active.pop(job_id, None)
        if parse is not None:
            parse.reader.kill()
            parse.span.end("" if parse.totals is not None else "NotReadToItsEnd")
            ACTIVE.set(len(self._active))

    # ---- the window

    def _look_at_windows(self, now_s: float) -> None:
        """Ask for the outcomes of outstanding chunks, while some window is full."""
        count = len(self._active)
        OUTSTANDING.set(sum(len(p.window.outstanding) for p in self._active.values()))
        reading = {job: p.window for job, p in self._active.items() if p.totals is None}
        if all(window.has_room(count) for window in reading.values()):
            return
        for job_id, chunk_nos in self._parses.settled_chunks(reading).items():
            reading[job_id].settled(chunk_nos, now_s)
        for job_id, window in reading.items():
            if window.is_stuck(now_s, self._policy.lost_after_s):
                log.warning("chunks are lost and are read again", job_id=str(job_id))
                claim = self._active[job_id].claim
                self._forget(job_id)
                self._parses.release(claim)

    # ---- frames

    def _read_frames(self) -> None:
        count = len(self._active)
        asked = [parse for parse in self._active.values() if parse.may_read(count)]
        self._look_at_waits(asked)
        readable = {p.reader.pipe: p for p in asked if p.claim.job_id in self._active}
        wait_s = min(PIPE_WAIT_S, max(0.0, self._window_at_s - self._clock.monotonic_s()))
        if not readable and self._active:
            self._listen(wait_s)
        for pipe in wait_for_pipes(list(readable), wait_s) if readable else ():
            parse = readable[pipe]  # type: ignore[index]  # only our pipes were asked for
            parse.patience.answered()
            frame = parse.reader.next_frame()
            if not isinstance(frame, Fetching):
                parse.read(frame, is_last=not isinstance(frame, Opened | ChunkRead))
        for parse in list(self._active.values()):
            self._handle_read(parse)

    def _handle_read(self, parse: Parse) -> None:
        while self._publisher.unconfirmed < UNCONFIRMED_MAX:
            frame = parse.next_frame(len(self._active))
            if frame is None:
                return
            self._handle(parse, frame)

    def _look_at_waits(self, asked: list[Parse]) -> None:
        """End the readers that have been asked for a frame for too long."""
        now_s = self._clock.monotonic_s()
        for parse in list(self._active.values()):
            parse.patience.observe(now_s, is_asked=parse in asked)
            if parse.patience.is_over(parse.reader.limits.wait_s):
                self._died(parse.claim, f"no frame in {parse.reader.limits.wait_s:.0f} s")

    def _handle(self, parse: Parse, frame: Frame) -> None:
        claim = parse.claim
        match frame:
            case ChunkRead():
                failpoint("parser.mid_file")
                self._publisher.publish_rows_chunked(claim, frame, parse.span.traceparent)
                weight = weight_of(frame.rows, len(frame.value))
                parse.window.sent(frame.chunk_no, self._clock.monotonic_s(), weight)
                CHUNKS.inc()
            case Opened(bytes_total=bytes_total):
                self._held_up.opened(claim.job_id)
                if self._parses.opened(claim, bytes_total):
                    told = parse.span.traceparent
                    self._publisher.publish_parsing_started(claim, bytes_total, told)
                failpoint("parser.before_first_chunk")
            case Ended():
                parse.totals = frame
                failpoint("parser.after_last_chunk")
            case Failed(code=code, message=message):
                self._forget(claim.job_id)
                self._fail(claim, code, message)
            case Died(why=why):
                self._died(claim, why)
            case NotFetched(error=error):
                self._forget(claim.job_id)
                self._not_here(claim, error)

    def _died(self, claim: Claim, why: str) -> None:
        log.warning("a reader died", job_id=str(claim.job_id), why=why)
        PARSES.labels("reader_died").inc()
        self._forget(claim.job_id)
        self._parses.give_up_for_now(claim, RETRY_AFTER_DEATH_S)

    # ---- ends

    def _end_what_is_confirmed(self) -> None:
        """State the manifest of what was read, once the brokers have every chunk."""
        if self._publisher.unconfirmed:
            return
        for job_id, parse in list(self._active.items()):
            if parse.totals is not None:
                self._end(parse, parse.totals)
                took("parse", self._clock.monotonic_s() - parse.begun_at_s)
                self._forget(job_id)
                self._claim_at_s = 0.0

    def _end(self, parse: Parse, totals: Ended) -> None:
        claim = parse.claim
        if self._parses.end_with_manifest(claim, totals.total_rows, totals.total_chunks):
            failpoint("parser.after_manifest")
            self._publisher.publish_sheet_parsed(claim, totals, parse.span.traceparent)
            parse.span.set({"sluice.rows": totals.total_rows, "sluice.chunks": totals.total_chunks})
            PARSES.labels("whole").inc()
            log.info(
                "parse ends", job_id=str(claim.job_id), rows=totals.total_rows,
                chunks=totals.total_chunks,
            )  # fmt: skip

    def _fail(self, claim: Claim, code: str, message: str) -> None:
        if self._parses.end_with_failure(claim, code, message):
            self._publisher.publish_parsing_failed(claim, code, message)
            PARSES.labels("failed").inc()
            log.info("parse fails", job_id=str(claim.job_id), code=code)

    # ---- outages and the end

    def _wait_out(self, outage: Outage) -> None:
        """Read and claim nothing until a probe succeeds; the children wait on their pipes."""
        if outage.dependency == "kafka":
            # a record was given up by the producer: read again what the ledger lacks
            self._given_up += [parse.claim for parse in self._active.values()]
            for job_id in list(self._active):
                self._forget(job_id)
        self._probe_s = min(max(self._probe_s * 2, 0.2), PROBE_MAX_S)
        self._probe_at_s = self._clock.monotonic_s() + self._probe_s
        if not self.outage:
            log.warning("the parser waits", dependency=outage.dependency, reason=outage.reason)
        self.outage, self._away = str(outage), outage.dependency
        WAITING.set(1)

    def _tell_of_outage(self) -> None:
        """Tell the people of each job in hand what it waits for."""
        jobs = self._held_up.runs() | {p.claim.job_id: p.claim.run for p in self._active.values()}
        dependency, reason = WAITS_FOR.get(self._away, (self._away, "it cannot be reached"))
        try:
            self._notices.waits(jobs.items(), dependency, reason)
        except Outage as another:
            self._wait_out(another)

    def _outage_is_over(self) -> None:
        if self.outage:
            log.info("the parser goes on")
            WAITING.set(0)
            self._notices.go_on()
            self._expired_from_s = self._clock.monotonic_s() + AFTER_OUTAGE_S
        self.outage, self._probe_s = "", 0.0

    def _shut_down(self) -> None:
        claims = [parse.claim for parse in self._active.values()]
        for job_id in list(self._active):
            self._forget(job_id)
        try:
            self._publisher.flush(5.0)
            for claim in claims:
                self._parses.release(claim)
        except Outage as outage:
            log.warning("leases are left to run out", reason=outage.reason)
