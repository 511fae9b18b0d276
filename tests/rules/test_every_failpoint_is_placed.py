"""A failpoint that stands nowhere would let a test of it pass without a fault."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from sluice.failpoints import Point

ROOT = Path(__file__).parents[2]
SOURCES = [
    path.read_text(encoding="utf-8")
    for pattern in ("services/*/src/**/*.py", "libs/common/src/**/*.py")
    for path in ROOT.glob(pattern)
]


@pytest.mark.parametrize("name", get_args(Point))
def test_a_point_stands_in_one_place(name: str) -> None:
    assert sum(text.count(f'failpoint("{name}")') for text in SOURCES) == 1
