"""The way back of a corrected file: texts as they were, lines as they are named."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from services.writer.tests.writer_world import chunk_of

from import_targets import coalesce
from sluice.corrections import neutralised
from sluice.job_layout import JobLayout, TextDialect
from writer.adapters.corrected_cells import as_root_wrote, named_lines, restored_cells
from writer.domain.prepared import StoredJob

JOB = UUID(int=1)
TEXTS = st.text("'=+-@\t1,a\u00e9", max_size=6)


@given(st.lists(st.none() | TEXTS, min_size=1, max_size=8))
def test_texts_come_back_as_they_were(texts: list[str | None]) -> None:
    rows = [(None if text is None else neutralised(text), "x") for text in texts]
    cells = coalesce([chunk_of(JOB, 0, range(2, len(rows) + 2), rows)])
    assert restored_cells(cells).columns[0].to_pylist() == texts


def test_a_line_is_a_whole_number_however_a_program_wrote_it() -> None:
    texts = ["7", " 8 ", "9.0", "9.5", "-1", "x", None, "99999999999"]
    cells = coalesce([chunk_of(JOB, 0, range(2, 10), [("a", text) for text in texts])])
    assert named_lines(cells, 1) == {2: 7, 3: 8, 4: 9}
    assert named_lines(cells, 5) == {}


def test_numbers_are_read_as_the_root_wrote_them() -> None:
    workbook = JobLayout(sheet="s", header_line=1, estimated_rows=0, columns=())
    german = TextDialect(encoding="cp1252", delimiter=";", decimal=",")
    text = workbook.model_copy(update={"dialect": german})
    job = StoredJob(job_id=JOB, mode="insert", target_definition={}, layout={}, root_id=UUID(int=2))
    of_text = replace(job, root_layout=text.model_dump(mode="json"))
    of_workbook = replace(job, root_layout=workbook.model_dump(mode="json"))
    for layout, root, decimal in [(workbook, of_text, ","), (text, of_workbook, ".")]:
        dialect = as_root_wrote(layout, root).dialect
        assert dialect is not None
        assert dialect.decimal == decimal
    assert as_root_wrote(workbook, of_workbook) is workbook
    assert as_root_wrote(text, replace(job, root_id=None)) is text
