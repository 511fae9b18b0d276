"""Any sheet, cut anywhere, holds the same cells on every path."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xlsx_reader import CellTag, Tokenizer

if TYPE_CHECKING:
    from collections.abc import Callable

    Rows = list[tuple[int, dict[int, tuple[str, CellTag]]]]
    ReadSheet = Callable[[str | bytes, Tokenizer, int], Rows]
    Cells = dict[int, tuple[str, CellTag]]

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
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


STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
DECLARED = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
HEAD = '<sheetPr/><dimension ref="A1:XFD9"/><sheetViews><sheetView/></sheetViews><cols/>'
TAIL = '<autoFilter ref="A1:B9"/><mergeCells><mergeCell ref="A1:B1"/></mergeCells>'


def sheet_of(rows: str, writing: str) -> bytes:
    """Return the whole part, as one of the many kinds of programs writes it."""
    head = f"{HEAD}<sheetData>" if writing == "head and tail" else "<sheetData>"
    tail = f"</sheetData>{TAIL}" if writing == "head and tail" else "</sheetData>"
    main = STRICT_MAIN if writing == "strict OOXML" else MAIN
    sheet = f'<worksheet xmlns="{main}" xmlns:x="{main}">{head}{rows}{tail}</worksheet>'
    if writing == "prefix":
        sheet = re.sub(r"<(/?)(?=[a-zA-Z])", r"<\1x:", sheet)
    if writing == "UTF-16":
        return f'<?xml version="1.0" encoding="UTF-16"?>{sheet}'.encode("utf-16")
    start = "\ufeff" if writing == "byte order mark" else ""
    return (start + (DECLARED if writing != "undeclared" else "") + sheet).encode()


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    seed=st.integers(0, 2**32),
    block_bytes=st.integers(1, 64) | st.integers(65, 20_000) | st.just(262_144),
    writing=st.sampled_from(
        ["head and tail", "undeclared", "byte order mark", "strict OOXML", "prefix", "UTF-16"]
    ),
)
def test_any_sheet_has_the_same_cells_on_every_path(
    read_sheet: ReadSheet, seed: int, block_bytes: int, writing: str
) -> None:
    rows, expected = generated(seed)
    sheet = sheet_of(rows, writing)
    for tokenizer in PATHS:
        assert read_sheet(sheet, tokenizer, block_bytes) == expected, tokenizer


def test_every_size_of_blocks_gives_the_same_cells(read_sheet: ReadSheet) -> None:
    """From one byte to the whole: each cut through a tag, a reference or a character."""
    rows, expected = generated(7)
    assert len(expected) > 20
    sheet = sheet_of(rows, "head and tail")
    for block_bytes in [*range(1, 300), *range(300, len(sheet), 211), len(sheet)]:
        assert read_sheet(sheet, Tokenizer.AUTO, block_bytes) == expected, block_bytes
