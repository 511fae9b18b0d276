"""One bad value at nine tenths of a long sheet: that row is named, every other one is written.

A million rows take a minute: `ROWS=1000000 pytest tests/e2e/test_one_bad_row_far_down.py`.
"""

from __future__ import annotations

import os
import re
import zipfile
from typing import TYPE_CHECKING

import pytest
from tests.table_facts import ledger_of

from sample_data import generate_orders

if TYPE_CHECKING:
    from pathlib import Path

    from tests.road_client import RoadClient

    from devstack import Stack

ROWS = int(os.environ.get("ROWS", "100000"))
BAD_LINE = ROWS * 9 // 10
_QUANTITY = re.compile(rf'<c r="E{BAD_LINE}"><v>[0-9]+</v></c>'.encode())
_WORDS = f'<c r="E{BAD_LINE}" t="inlineStr"><is><t>a dozen</t></is></c>'.encode()
_BLOCK_BYTES = 1 << 24


def spoil(source: Path, target: Path) -> None:
    """Copy a workbook with a text in place of one quantity."""
    spoiled = 0
    with (
        zipfile.ZipFile(source) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, True, 1) as new,
    ):
        for name in old.namelist():
            with old.open(name) as part, new.open(name, "w", force_zip64=True) as copy:
                held = b""
                while block := part.read(_BLOCK_BYTES):
                    text, count = _QUANTITY.subn(_WORDS, held + block)
                    spoiled += count
                    held = text[-200:]
                    copy.write(text[: len(text) - len(held)])
                copy.write(held)
    assert spoiled == 1


@pytest.mark.slow
def test_one_bad_row_far_down_is_named_and_all_others_are_written(
    stack: Stack, client: RoadClient, tmp_path: Path
) -> None:
    good = generate_orders(tmp_path / "good.xlsx", ROWS)
    spoil(tmp_path / "good.xlsx", tmp_path / "spoiled.xlsx")
    assert good.good_rows == ROWS
    job_id = client.upload(tmp_path / "spoiled.xlsx", "orders")
    last = client.follow(job_id)[-1]
    assert last.data["status"] == "completed_with_errors"
    assert ledger_of(stack.database_url, job_id)[1:] == (ROWS, ROWS - 1, 1)
    answer = client.http.get(f"/api/jobs/{job_id}/errors").raise_for_status().json()
    [error] = answer["errors"]
    assert (error["line"], error["column"], error["field"], error["value"]) == (
        BAD_LINE,
        "E",
        "quantity",
        "a dozen",
    )
    assert "whole number" in error["message"]
