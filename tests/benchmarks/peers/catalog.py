"""Who is measured: each peer with its command, and what it leaves to whoever uses it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

FILE: Final = "FILE"
SLUICE: Final = "sluice"
FLOOR: Final = "floor"


class Kit(StrEnum):
    """What a peer runs on; `kits` prepares it."""

    PYTHON = "python"
    NODE = "node"
    JAVA = "java"
    OURS = "ours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """One way to load the workbook.

    `arguments` is what its kit starts, FILE in the workbook's place. A slow one is run once, not
    three times. `lacks` completes "it does not …".
    """

    name: str
    title: str
    kit: Kit
    arguments: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    slow: bool = False
    lacks: str = "validate, name bad rows, survive a crash, show progress"


def _node(name: str, title: str, *pause_ms: str) -> Peer:
    return Peer(
        name=name,
        title=title,
        kit=Kit.NODE,
        arguments=("recipe.mjs", FILE, *pause_ms),
        packages=("exceljs", "bullmq", "ioredis", "pg"),
        slow=True,
        lacks="validate, name bad rows (1,000 are missing), survive a crash (half a table)",
    )


def _python(name: str, title: str, program: str, packages: str, *, slow: bool = False) -> Peer:
    script, *options = program.split()
    return Peer(
        name=name,
        title=title,
        kit=Kit.PYTHON,
        arguments=(f"{script}.py", FILE, *options),
        packages=tuple(packages.split()),
        slow=slow,
    )


PEERS: Final = (
    _node("node-pause", "ExcelJS, BullMQ, pg, with a pause of 100 ms a batch", "100"),
    _node("node", "ExcelJS, BullMQ, pg, batches of 1,000, no pause"),
    _python("pandas", "pandas (openpyxl), `to_sql`", "pandas_to_sql openpyxl",
            "pandas openpyxl sqlalchemy psycopg", slow=True),
    _python("pandas-calamine", "pandas (calamine), `to_sql`", "pandas_to_sql calamine",
            "pandas python-calamine sqlalchemy psycopg", slow=True),
    _python("openpyxl", "openpyxl, `executemany`", "openpyxl_executemany", "openpyxl psycopg",
            slow=True),
    _python("openpyxl-copy", "openpyxl, COPY", "openpyxl_copy", "openpyxl psycopg", slow=True),
    _python("polars", "polars (calamine), ADBC", "polars_adbc",
            "polars fastexcel adbc-driver-postgresql"),
    _python("duckdb", "DuckDB, its Excel and PostgreSQL extensions", "duckdb_postgres", "duckdb"),
    Peer(
        name="java",
        title="Java: fastexcel-reader, CopyManager",
        kit=Kit.JAVA,
        arguments=("sluice.peers.FastexcelCopy", FILE),
        packages=("fastexcel-reader", "postgresql"),
    ),
    Peer(
        name=FLOOR,
        title="the floor: Sluice's reader, one COPY",
        kit=Kit.OURS,
        arguments=("floor.py", FILE),
    ),
    Peer(
        name=SLUICE,
        title="**Sluice**, the whole pipeline",
        kit=Kit.OURS,
        lacks="",
    ),
)  # fmt: skip
BY_NAME: Final = {peer.name: peer for peer in PEERS}
