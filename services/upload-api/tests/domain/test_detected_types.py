import pytest

from sluice.events.cell_tags import CellTag
from upload_api.domain.detected_types import DetectedType, detected_type

TEXT, NUMBER = CellTag.TEXT, CellTag.NUMBER


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ([], "empty"),
        ([(None, CellTag.EMPTY), ("#N/A", CellTag.ERROR), (" ", TEXT)], "empty"),
        ([("1", NUMBER), ("-20", NUMBER)], "integer"),
        ([("1", NUMBER), ("2.5", NUMBER)], "number"),
        ([("1", NUMBER), ("x", TEXT)], "text"),
        ([("1", CellTag.BOOL), ("true", TEXT)], "boolean"),
        ([("45000", CellTag.DATE), ("2024-02-29", TEXT)], "date"),
        ([("45000", CellTag.DATE), ("45000.5", CellTag.DATETIME)], "timestamp"),
        ([("2024-02-29T12:00:00", TEXT)], "timestamp"),
        ([("0.5", CellTag.TIME), ("12:30", TEXT)], "time"),
        ([("45000", CellTag.DATE), ("1", NUMBER)], "mixed"),
        ([("007", TEXT)], "text"),
        ([("12345678901234567890", TEXT)], "text"),
        ([("12", TEXT), ("1.5", TEXT)], "number"),
        ([("1,5", TEXT)], "text"),
    ],
)
def test_a_column_has_the_type_that_all_its_cells_have(
    cells: list[tuple[str | None, int]], kind: DetectedType
) -> None:
    assert detected_type(cells) == kind


def test_numbers_are_told_by_the_file_s_own_decimal_mark() -> None:
    assert detected_type([("1,5", TEXT), ("2", TEXT)], ",") == "number"
    assert detected_type([("1.5", TEXT)], ",") == "text"
