"""`sluice generate`: a workbook or a CSV file with known contents, in constant memory."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Literal

import click

from cli.exit_codes import DONE, Failure
from sample_data import (
    DEFAULT_SEED,
    expected_path,
    generate_mixed,
    generate_orders,
    generate_orders_csv,
)

RECORD_COLUMNS = 10


@click.command()
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--rows", required=True, type=click.IntRange(0), help="Data rows.")
@click.option("--bad-share", default=0.0, type=click.FloatRange(0, 1), help="0.02: 2 % bad rows.")
@click.option("--target", default="orders", type=click.Choice(["orders", "records"]))
@click.option("--strings", default="inline", type=click.Choice(["inline", "shared"]))
@click.option("--seed", default=DEFAULT_SEED, type=int, help="Same seed, same bytes.")
def generate(out: Path, rows: int, bad_share: float, target: str, strings: str, seed: int) -> int:
    """Write OUT.xlsx (or OUT.csv), and what its import must end with to OUT….expected.json."""
    if out.suffix.lower() not in {".xlsx", ".csv"}:
        raise Failure(f"{out} must end in .xlsx or .csv")
    is_text = out.suffix.lower() == ".csv"
    if is_text and target == "records":
        raise Failure("a .csv is generated for --target orders only")
    if target == "records" and bad_share:
        raise Failure("--bad-share: no row is bad for the target records; take --target orders")
    kind: Literal["inline", "shared"] = "shared" if strings == "shared" else "inline"
    try:
        if is_text:
            generate_orders_csv(out, rows, bad_share=bad_share, seed=seed).write_beside(out)
            beside = expected_path(out)
        elif target == "orders":
            expected = generate_orders(out, rows, bad_share=bad_share, seed=seed, strings=kind)
            beside = expected.write_beside(out)
        else:
            mixed = generate_mixed(out, rows, RECORD_COLUMNS, seed=seed, strings=kind)
            beside = expected_path(out)
            text = json.dumps({"target": target, "seed": seed, **asdict(mixed)}, indent=1)
            beside.write_text(text + "\n", encoding="utf-8")
    except ValueError as error:
        raise Failure(str(error)) from error
    size = out.stat().st_size / 1e6
    click.echo(f"{out}: {rows:,} rows, {size:,.1f} MB; {beside.name} holds what to expect")
    return DONE
