"""Whatever Python's csv module writes, in any dialect and encoding, is read cell by cell."""

from __future__ import annotations

import codecs
import csv
import io
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from csv_reader import CsvFile, Dialect

if TYPE_CHECKING:
    from collections.abc import Sequence

MARKS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
}
VIETNAMESE = "aâăeêiouơưyđ\u0301\u0300\u0309\u0323\u0303"
ALPHABETS = {
    **{name: st.characters(exclude_categories=["Cs"]) for name in MARKS},
    "windows-1258": st.sampled_from(VIETNAMESE + ",;\t|\"' \r\n0=\u20ac"),
    "shift_jis": st.sampled_from("表ソ能十ab,;\t|\"'\r\n"),
}


def tables(encoding: str) -> st.SearchStrategy[list[list[str]]]:
    telling = st.sampled_from(["", " ", '"', '""', ",", ";", "\t", "|", "\r", "\n", "\r\n", "a"])
    texts = st.text(ALPHABETS[encoding], max_size=12)
    cells = texts if encoding in {"windows-1258", "shift_jis"} else telling | texts
    return st.lists(st.lists(cells, max_size=5), max_size=12)


def read_back(path: Path, dialect: Dialect, block_bytes: int) -> list[tuple[int, list[str]]]:
    rows = []
    with CsvFile(path, dialect, block_bytes=block_bytes) as file:
        previous_end = 0
        for run in file.runs():
            assert previous_end <= run.end_offset <= file.size_bytes
            previous_end = run.end_offset
            for number, line in enumerate(run.lines):
                rows.append((line, trimmed([column[number] or "" for column in run.columns])))
    return rows


def trimmed(cells: Sequence[str]) -> list[str]:
    left = list(cells)
    while left and not left[-1]:
        left.pop()
    return left


@given(
    st.data(),
    st.tuples(st.sampled_from(sorted(ALPHABETS)), st.sampled_from(",;\t|")),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    st.sampled_from(["\r\n", "\n", "\r"]),
    st.booleans(),
    st.integers(1, 64),
)
def test_any_written_table_comes_back_cell_by_cell(
    data: st.DataObject,
    read_as: tuple[str, str],
    quoting: int,
    line_end: str,
    with_mark: bool,
    block_bytes: int,
) -> None:
    encoding, delimiter = read_as
    table = [["head", "er"], *data.draw(tables(encoding))]
    dialect = Dialect(encoding=encoding, delimiter=delimiter)
    if any(set(cell) & set("\r\n") - set(line_end) for row in table for cell in row):
        quoting = csv.QUOTE_ALL  # the writer quotes no other line end than its own
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=line_end)  # type: ignore[arg-type]  # one of its constants
    writer.writerows(table)
    mark = MARKS.get(encoding, b"") if with_mark else b""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes(mark + out.getvalue().encode(dialect.codec))
        found = read_back(path, dialect, block_bytes)
    # Every record has its number, blank ones too; a blank one holds nothing to compare.
    expected = [(number, trimmed(row)) for number, row in enumerate(table, start=1) if any(row)]
    assert found == expected
