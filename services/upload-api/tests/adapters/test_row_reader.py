"""A stored file is read again by a confined child: the same texts that the writer keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from csv_reader import Dialect, open_table
from import_targets import coalesce, shown_rows
from sample_data import generate_mixed, generate_orders, generate_orders_csv
from sluice.confinement.child import prepare_forkserver
from sluice.confinement.reader_limits import ReaderLimits
from sluice.events.rows_chunked import ChunkMeta, RowsChunked, cells_of
from sluice.job_layout import JobLayout, TextDialect
from sluice.storage import ReadableFile
from upload_api.adapters.row_reader import MAX_READERS, ReadersBusy, RowReaders
from upload_api.domain.line_ranges import LineRanges
from upload_api.domain.unwritten_rows import FileRow, RowsUnreadable
from xlsx_reader import peek

ROWS = 700
Make = Callable[[Path], object]
SEMICOLONS = TextDialect(encoding="utf-8", delimiter=";")


@pytest.fixture(scope="module", autouse=True)
def _forkserver() -> None:
    prepare_forkserver("upload_api.adapters.row_child")


def layout_of(sheet: str, dialect: TextDialect | None = None) -> JobLayout:
    return JobLayout(sheet=sheet, header_line=1, estimated_rows=1, columns=(), dialect=dialect)


def kept_by_the_writer(path: Path, sheet: str, dialect: Dialect | None) -> Iterator[FileRow]:
    """The road's own way: runs, chunks, coalesced cells, shown rows."""
    with open_table(path, sheet=sheet, dialect=dialect) as table:
        for run in table.runs:
            meta = ChunkMeta(
                job_id=None,  # type: ignore[arg-type]
                run=1,
                chunk_no=0,
                rows=len(run.lines),
                first_line=run.lines[0],
                last_line=run.lines[-1],
                covered_bytes=0,
                sha256="",
                chunker_version=1,
                date_1904=table.date_1904,
            )
            cells = coalesce(
                [RowsChunked(meta=meta, cells=cells_of(run.lines, run.columns, run.tags))]
            )
            texts = shown_rows(cells, range(cells.rows), date_1904=table.date_1904)
            yield from zip(run.lines, texts, strict=True)


def without_blanks(rows: Iterator[FileRow]) -> dict[int, list[str | None]]:
    found = {}
    for line, texts in rows:
        cells = list(texts)
        while cells and cells[-1] is None:
            cells.pop()
        found[line] = cells
    return found


def lent(path: Path) -> Callable[[], ReadableFile]:
    return lambda: ReadableFile(str(path))


@pytest.mark.parametrize(
    ("make", "dialect"),
    [
        (lambda path: generate_orders(path, ROWS, bad_share=0.3), None),
        (lambda path: generate_orders(path, ROWS, bad_share=0.3, strings="shared"), None),
        (lambda path: generate_mixed(path, ROWS, 20), None),
        (
            lambda path: generate_orders_csv(path, ROWS, bad_share=0.3, delimiter=";"),
            SEMICOLONS,
        ),
    ],
    ids=["orders", "shared strings", "mixed", "text"],
)
def test_what_is_read_again_is_what_was_kept(
    tmp_path: Path, make: Make, dialect: TextDialect | None
) -> None:
    path = tmp_path / "file"
    make(path)
    sheet = "" if dialect else peek(path).sheet.name
    told = Dialect(encoding="utf-8", delimiter=";") if dialect else None
    kept = without_blanks(kept_by_the_writer(path, sheet, told))
    lines = [line for line in kept if line % 7 == 0 or line > 600]
    wanted = LineRanges.of_lines(lines)
    with RowReaders().reading(lent(path), layout_of(sheet, dialect), wanted) as rows:
        again = without_blanks(rows)
    assert len(again) > 150
    assert again == {line: kept[line] for line in lines}


def test_readers_are_few_and_come_back(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    generate_orders(path, 5)
    readers, wanted = RowReaders(), LineRanges.of_lines([3])
    opened = [readers.reading(lent(path), layout_of("orders"), wanted) for _ in range(MAX_READERS)]
    for reading in opened:
        reading.__enter__()
    with pytest.raises(ReadersBusy), readers.reading(lent(path), layout_of("orders"), wanted):
        pass
    for reading in opened:
        reading.__exit__(None, None, None)
    with readers.reading(lent(path), layout_of("orders"), wanted) as rows:
        assert [line for line, _ in rows] == [3]


def test_a_file_that_is_none_is_said_to_be(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"no workbook")
    wanted = LineRanges.of_lines([3])
    with (
        pytest.raises(RowsUnreadable, match="NOT_XLSX"),
        RowReaders().reading(lent(path), layout_of("orders"), wanted),
    ):
        pass


def test_a_reader_beyond_its_limits_is_an_error_and_not_the_end(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("h\n" + ",".join(["x" * 30_000] * 400) + "\n")
    readers = RowReaders(ReaderLimits(memory_mib=1))
    layout = layout_of("", TextDialect(encoding="utf-8", delimiter=","))
    with (
        pytest.raises(RowsUnreadable),
        readers.reading(lent(path), layout, LineRanges.of_lines([2])) as rows,
    ):
        assert list(rows) == []


def test_a_wide_column_of_long_texts_fits_the_frames(tmp_path: Path) -> None:
    """200 rows of 3 MB would be no frame of ours; a row above the limit keeps no texts."""
    path = tmp_path / "a.csv"
    row = ",".join(["x" * 30_000] * 20)
    too_large = ",".join(["x" * 30_000] * 30)
    path.write_text("\n".join(["h", *[row] * 60, too_large]) + "\n")
    dialect = TextDialect(encoding="utf-8", delimiter=",")
    wanted = LineRanges.of_ranges([(2, 100)])
    with RowReaders().reading(lent(path), layout_of("", dialect), wanted) as rows:
        lengths = [sum(len(text or "") for text in texts) for _, texts in rows]
    assert lengths == [600_000] * 60 + [0]
