"""Any sheet, cut anywhere, holds the same cells on every path."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xlsx_reader import CellTag, Tokenizer

if TYPE_CHECKING:
    from collections.abc import Callable

    Rows = list[tuple[int, dict[int, tuple[str, CellTag]]]]
    ReadRows = Callable[[str, Tokenizer, int], Rows]
    Cells = dict[int, tuple[str, CellTag]]

PATHS = list(Tokenizer)
T, N, F0 = CellTag.TEXT, CellTag.NUMBER, CellTag.FORMULA_NO_VALUE
# The raw text in the XML → what the user sees.
TEXTS = {
    "plain": "plain",
    "  kept  ": "  kept  ",
    "a&amp;b &lt;c&gt;": "a&b <c>",
    "&#10;&#x41;": "\nA",
    "one\r\ntwo\rthree": "one\ntwo\nthree",
    "_x005F_x0041_": "_x0041_",
    "_xD83D__xDE00_": "😀",
    "Nguyễn 日本 😀": "Nguyễn 日本 😀",
}
# What a number is in the styles 0 to 5, and the shared strings 0 to 6.
FORMAT_TAGS = [N, CellTag.DATE, CellTag.DATETIME, CellTag.TIME, CellTag.DURATION, N]
SHOWN = ["alpha", None, "a&b", "A", "  edge ", "ph", "richer"]


@dataclass(frozen=True, slots=True)
class Written:
    """A cell as some program writes it, `@` for its reference, and what it holds."""

    xml: str
    shown: tuple[str, CellTag] | None


def _written() -> list[Written]:
    cells = [
        Written(f'<c{a} t="inlineStr"><is><t>{raw}</t></is></c>', (shown, T))
        for raw, shown in TEXTS.items()
        for a in ("@", '@ s="1"')
    ]
    cells += [
        Written(f'<c@ t="str"><f>A1</f><v>{raw}</v></c>', (shown, T))
        for raw, shown in TEXTS.items()
    ]
    cells += [
        Written(f'<c@ t="s"><v>{at}</v></c>', None if shown is None else (shown, T))
        for at, shown in enumerate(SHOWN)
    ]
    cells += [
        Written(f'<c@ s="{style}"{t}><v>{n}</v></c>', (n, tag))
        for style, tag in enumerate(FORMAT_TAGS)
        for t in ("", ' t="n"')
        for n in ("1", "45123.5")
    ]
    cells += [
        Written(xml, None)
        for xml in ("<c@/>", '<c@ s="1" />', "<c@></c>", "<c@><v/></c>", "", "", "")
    ]
    cells += [
        Written('<c@ t="b"><v>0</v></c>', ("0", CellTag.BOOL)),
        Written('<c@ t="e"><v>#DIV/0!</v></c>', ("#DIV/0!", CellTag.ERROR)),
        Written("<c@><f>A1</f></c>", ("", F0)),
        Written('<c cm="1"@><v>5</v></c>', ("5", N)),
        Written("<c@><!-- </row> --><v>6</v></c>", ("6", N)),
    ]
    return cells


WRITTEN = _written()


def generated(seed: int) -> tuple[str, Rows]:
    """A sheet that mostly repeats one row shape, and sometimes does not; with its cells."""
    rnd = random.Random(seed)  # noqa: S311 - a seeded generator of test data
    usual = [rnd.choice(WRITTEN) for _ in range(rnd.randint(1, 6))]
    odd_share = rnd.choice([0, 0.02, 0.3])
    space = rnd.choice(["", "", "\n", "\r\n  "])
    pieces, expected, line = [], [], 0
    for _ in range(rnd.choice([1, 30, 120])):
        line += 1 if rnd.random() < 0.95 else rnd.randint(2, 9)
        cells: Cells = {}
        row = ""
        for column, cell in enumerate(usual):
            chosen = rnd.choice(WRITTEN) if rnd.random() < odd_share else cell
            row += space + chosen.xml.replace("@", f' r="{"ABCDEF"[column]}{line}"')
            if chosen.shown:
                cells[column] = chosen.shown
        if rnd.random() < 0.04:
            row, cells = "", {}
        pieces.append(f'{space}<row r="{line}">{row}</row>' if row else f'<row r="{line}"/>')
        if cells:
            expected.append((line, cells))
    return "".join(pieces), expected


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**32), block_bytes=st.sampled_from([5, 61, 997, 4096, 262_144]))
def test_any_sheet_has_the_same_cells_on_every_path(
    read_rows: ReadRows, seed: int, block_bytes: int
) -> None:
    rows, expected = generated(seed)
    for tokenizer in PATHS:
        assert read_rows(rows, tokenizer, block_bytes) == expected, tokenizer
