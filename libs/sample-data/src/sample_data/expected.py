"""What an import of a generated workbook must end with, counted while it is generated."""

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

from sample_data.order_draws import Draw, day_of

KEPT_BAD_LINES = 10_000
_SUFFIX = ".expected.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """The figures of one workbook; sums, keys and dates are those of the good rows alone."""

    target: str
    seed: int
    rows: int
    good_rows: int
    bad_rows: int
    bad_by_kind: dict[str, int]
    # The first KEPT_BAD_LINES bad rows: 1-based sheet line and the kind's name.
    first_bad_lines: tuple[tuple[int, str], ...] = field(repr=False)
    sum_quantity: int
    sum_unit_price: Decimal
    distinct_order_ids: int
    # None when no row is good.
    min_ordered_at: date | None
    max_ordered_at: date | None

    def to_json(self) -> str:
        """JSON: sums of money as text (exact), dates as ISO 8601."""
        return json.dumps(asdict(self), default=str, indent=1, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The figures again; raises ValueError or TypeError when the text is not such JSON."""
        known: dict[str, Any] = json.loads(text)
        known["first_bad_lines"] = tuple((line, kind) for line, kind in known["first_bad_lines"])
        known["sum_unit_price"] = Decimal(known["sum_unit_price"])
        for name in ("min_ordered_at", "max_ordered_at"):
            known[name] = known[name] and date.fromisoformat(known[name])
        return cls(**known)

    def write_beside(self, workbook: Path) -> Path:
        """Write ``WORKBOOK.expected.json``; returns its path."""
        path = expected_path(workbook)
        path.write_text(self.to_json(), encoding="utf-8")
        return path


def expected_path(workbook: Path) -> Path:
    """Where the figures of a workbook stand."""
    return workbook.with_name(workbook.name + _SUFFIX)


def read_expected(workbook: Path) -> Expected:
    """The figures beside a workbook; raises FileNotFoundError when there are none."""
    return Expected.from_json(expected_path(workbook).read_text(encoding="utf-8"))


class Tally:
    """Running figures of the rows generated so far; rows themselves are not kept."""

    def __init__(self) -> None:
        self._good = 0
        self._bad_by_kind: dict[str, int] = {}
        self._bad_lines: list[tuple[int, str]] = []
        self._quantity = 0
        self._cents = 0
        self._days: tuple[int, int] | None = None

    def add_good(self, draws: list[Draw]) -> None:
        """Count good rows, a block at a time: whole columns are summed in C."""
        if not draws:
            return
        columns = tuple(zip(*draws, strict=True))
        self._good += len(draws)
        self._quantity += sum(columns[4])
        self._cents += sum(columns[5])
        days = columns[7] + (self._days or ())
        self._days = (min(days), max(days))

    def add_bad(self, sheet_line: int, kind: str) -> None:
        """Count one bad row."""
        self._bad_by_kind[kind] = self._bad_by_kind.get(kind, 0) + 1
        if len(self._bad_lines) < KEPT_BAD_LINES:
            self._bad_lines.append((sheet_line, kind))

    def expected(self, target: str, seed: int) -> Expected:
        """The figures so far."""
        bad = sum(self._bad_by_kind.values())
        figures = Expected(
            target=target,
            seed=seed,
            rows=self._good + bad,
            good_rows=self._good,
            bad_rows=bad,
            bad_by_kind=dict(sorted(self._bad_by_kind.items())),
            first_bad_lines=tuple(self._bad_lines),
            sum_quantity=self._quantity,
            sum_unit_price=Decimal(self._cents).scaleb(-2),
            # Ids are consecutive numbers: no two rows share one.
            distinct_order_ids=self._good,
            min_ordered_at=None,
            max_ordered_at=None,
        )
        if self._days is None:
            return figures
        first, last = self._days
        return replace(figures, min_ordered_at=day_of(first), max_ordered_at=day_of(last))
