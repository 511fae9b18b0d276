"""Measure one stage in this process, and print its figures as the last line."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

from tests.benchmarks.stages import kafka_stages, parser_stages, writer_stages

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.benchmarks.stages.meter import Spent

STAGES: dict[str, Callable[[], Spent]] = {
    stage.__name__: stage
    for stage in (
        parser_stages.inflate,
        parser_stages.reader,
        parser_stages.cut,
        parser_stages.encode,
        parser_stages.child,
        kafka_stages.produce,
        kafka_stages.consume,
        writer_stages.validate,
        writer_stages.copy,
        writer_stages.ledger,
        writer_stages.write,
    )
}
TOGETHER = {"child": "inflate … encode", "write": "validate, copy and ledger"}

if __name__ == "__main__":
    found = STAGES[sys.argv[1]]()
    print(json.dumps(found.as_json(int(os.environ["ROWS"]))))
