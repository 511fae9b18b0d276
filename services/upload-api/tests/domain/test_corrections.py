import dataclasses
from uuid import uuid4

import pytest

from sluice.job_layout import JobLayout, MappedColumn
from sluice.job_status import JobStatus
from upload_api.domain.corrections import (
    CorrectedJob,
    CorrectionRefused,
    check_correctable,
    layout_of_correction,
)
from upload_api.domain.intake import Refused
from xlsx_reader import CellTag, HeadRow, SheetHead, SheetInfo

ROOT = CorrectedJob(
    job_id=uuid4(),
    target="orders",
    target_definition={},
    mode="insert",
    layout={},
    status=JobStatus.COMPLETED_WITH_ERRORS,
    is_dry_run=False,
    is_undone=False,
    has_open_lines=True,
)


def root_layout(*columns: tuple[str, str | None]) -> JobLayout:
    return JobLayout(
        sheet="Data",
        header_line=3,
        estimated_rows=9,
        columns=tuple(
            MappedColumn(index=at, header=header, field=field)
            for at, (header, field) in enumerate(columns)
        ),
    )


def head(*rows: list[str]) -> SheetHead:
    sheet = SheetInfo(name="Failed", index=0, visible=True, part="", size_bytes=1)
    told = tuple(
        HeadRow(line, tuple((text or None, CellTag.TEXT) for text in row))
        for line, row in enumerate(rows, start=1)
    )
    return SheetHead((sheet,), sheet, date_1904=False, rows=told, estimated_rows=len(rows))


def fed(layout: JobLayout) -> dict[int, str]:
    return {column.index: column.field for column in layout.columns if column.field is not None}


def test_each_header_feeds_what_it_fed_in_the_root_in_any_order() -> None:
    root = root_layout(("No", "order_id"), ("Note", None), ("Qty ", "quantity"))
    layout = layout_of_correction(
        head(["checked"], ["_errors", "qty", "NO", "mine", " _ROW ", "Note"], ["", "1", "2"]), root
    )
    assert fed(layout) == {1: "quantity", 2: "order_id"}
    assert (layout.sheet, layout.header_line, layout.line_column) == ("Failed", 2, 4)
    assert layout.estimated_rows == 1


def test_columns_of_one_header_are_told_apart_by_their_order() -> None:
    root = root_layout(("a", None), ("a", "quantity"), ("", "C"), ("", "D"))
    layout = layout_of_correction(head(["a", "a", "", "", "_row", "_errors"]), root)
    assert fed(layout) == {1: "quantity", 2: "C", 3: "D"}


def test_a_root_may_have_columns_of_those_names_itself() -> None:
    root = root_layout(("x", "x"), ("_row", "_row"), ("_errors", "_errors"))
    layout = layout_of_correction(head(["x", "_row", "_errors", "_row", "_errors"]), root)
    assert layout.line_column == 3
    assert fed(layout) == {0: "x", 1: "_row", 2: "_errors"}


def test_a_header_that_was_made_harmless_is_known_again() -> None:
    root = root_layout(("=1+1", "x"), ("'-a", "y"), ("-5", "z"))
    assert fed(layout_of_correction(head(["'=1+1", "''-a", "-5", "_row"]), root)) == {
        0: "x",
        1: "y",
        2: "z",
    }
    assert fed(layout_of_correction(head(["=1+1", "'-a", "-5", "_row"]), root)) == {
        0: "x",
        1: "y",
        2: "z",
    }


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        ([["No", "Qty"]], "'_row'"),
        ([["row", "No", "Qty"]], "'_row'"),
        ([], "'_row'"),
        ([["_row", "No"]], "'Qty'"),
        ([["_row", "Qty"]], "'No'"),
    ],
)
def test_a_column_that_is_not_there_is_named(rows: list[list[str]], named: str) -> None:
    root = root_layout(("No", "order_id"), ("Qty", "quantity"), ("Note", None))
    with pytest.raises(Refused) as refused:
        layout_of_correction(head(*rows), root)
    assert refused.value.code == "CORRECTION_HEADER"
    assert named in refused.value.message


def test_only_a_job_that_ended_with_rejected_rows_can_be_corrected() -> None:
    check_correctable(ROOT)
    check_correctable(dataclasses.replace(ROOT, status=JobStatus.FAILED))
    refused = [
        *(dataclasses.replace(ROOT, status=status) for status in JobStatus),
        dataclasses.replace(ROOT, is_dry_run=True),
        dataclasses.replace(ROOT, is_undone=True),
        dataclasses.replace(ROOT, has_open_lines=False),
    ]
    for root in refused:
        if root.status in {JobStatus.COMPLETED_WITH_ERRORS, JobStatus.FAILED} and root == (
            dataclasses.replace(ROOT, status=root.status)
        ):
            continue
        with pytest.raises(CorrectionRefused):
            check_correctable(root)
