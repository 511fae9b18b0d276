"""Builds the settler from its settings, with what works beside it, and runs it."""

from __future__ import annotations

import os
import secrets
import signal
import socket
from typing import TYPE_CHECKING

import structlog
from prometheus_client import REGISTRY

from progress_gateway.adapters.fold_states import FoldStates, SettlingHints
from progress_gateway.entrypoints.restater import Restater
from progress_gateway.entrypoints.settle_after_end import AfterEnd
from progress_gateway.entrypoints.settler import Settler
from progress_gateway.entrypoints.stock_metrics import StockMetrics, StockTaker
from sluice.clock import SystemClock
from sluice.db.outbox import OutboxRelay
from sluice.db.pool import open_pool
from sluice.kafka.producer import RecordProducer
from sluice.liveness import Heartbeat
from sluice.ops.lag import ConsumerLag
from sluice.ops_server import start_ops_server
from sluice.processes import present

if TYPE_CHECKING:
    from progress_gateway.settings import SettlerSettings

log = structlog.get_logger(__name__)


def run(settings: SettlerSettings) -> int:
    """Run the settler in this thread until SIGTERM."""
    settler = _settler(settings)
    pool, relay = settler.pool, settler.relay
    hints = SettlingHints(settings.redis_url.get_secret_value(), settler.hint)
    stock_taker = _stock_taker(settings, settler)
    watched = (settler.heart, relay, hints, stock_taker)
    server = start_ops_server(
        settings.http_host,
        settings.metrics_port,
        lambda: settler.waits_for,
        lambda: next((why for part in watched if (why := part.not_live())), ""),
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: settler.stop())
    log.info("the settler starts", metrics_port=server.server_port)
    relay.start()
    hints.start()
    stock_taker.start()
    with present("progress-settler", settings.redis_url, settler.clock, lambda: settler.waits_for):
        settler.run()
    # All end at once, so that a dependency that is away is waited for once
    relay.stop(timeout_s=0.0)
    stock_taker.stop(timeout_s=0.0)
    hints.stop()
    relay.stop(timeout_s=5.0)
    pool.close(timeout=1.0)
    return 0


def _settler(settings: SettlerSettings) -> Settler:
    clock = SystemClock(settings.clock_shift_s)
    pool = open_pool(settings, "progress-settler")
    relay = OutboxRelay(pool, RecordProducer(settings, "settler-relay"))
    states = FoldStates(settings.redis_url.get_secret_value(), clock)
    restater = Restater(producer=RecordProducer(settings, "settler"), clock=clock)
    return Settler(
        worker=f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}",
        pool=pool,
        restater=restater,
        after_end=AfterEnd(states=states, restater=restater, relay=relay, clock=clock),
        relay=relay,
        states=states,
        clock=clock,
        heart=Heartbeat(clock, settings.stale_after_s),
    )


def _stock_taker(settings: SettlerSettings, settler: Settler) -> StockTaker:
    shown = StockMetrics(settler.clock)
    REGISTRY.register(shown)
    return StockTaker(settler.pool, ConsumerLag(settings), shown, lambda: settler.leads)
