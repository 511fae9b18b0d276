"""An empty workbook to fill in for a target: its headers, formats, lists and help.

openpyxl takes a third of a second to import, so this module is not part of the package's face.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from import_targets.column_help import column_help
from import_targets.errors import TargetError

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

    from import_targets.column_types import ColumnType
    from import_targets.definition import TargetColumn, TargetDefinition

LAST_ROW: Final = 1_048_576
_LISTS: Final = "allowed values"
"""A hidden sheet; no target can be called so."""
_FORMATS: Final = {
    "text": "@",
    "double": "General",
    "boolean": "General",
    "date": "yyyy-mm-dd",
    "timestamp": "yyyy-mm-dd hh:mm:ss",
}
_REQUIRED_FILL: Final = "FFFFE699"
_OPTIONAL_FILL: Final = "FFE7E6E6"
_TITLE_CHARACTERS: Final = 31
_COMMENT_WIDTH: Final = 320
_COMMENT_LINE: Final = 34


def template_workbook(definition: TargetDefinition) -> bytes:
    """Return a workbook with one sheet that has the headers of a target and no row.

    Raises:
        TargetError: the target takes any headers, so there are none to show.
    """
    if definition.kind == "records":
        raise TargetError("the target 'records' takes any headers: there is no template for it")
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = definition.name[:_TITLE_CHARACTERS]
    lists = book.create_sheet(_LISTS)
    lists.sheet_state = "hidden"
    for number, column in enumerate(definition.columns, start=1):
        _add_column(sheet, number, definition, column)
        _add_choices(sheet, lists, number, column)
    sheet.freeze_panes = "A2"
    if lists.max_column == 1 and lists["A1"].value is None:
        book.remove(lists)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _add_column(
    sheet: Worksheet, number: int, definition: TargetDefinition, column: TargetColumn
) -> None:
    cell = sheet.cell(row=1, column=number, value=column.name)
    cell.font = Font(bold=column.required)
    fill = _REQUIRED_FILL if column.required else _OPTIONAL_FILL
    cell.fill = PatternFill("solid", start_color=fill)
    cell.comment = _comment(column_help(definition, column))
    form = sheet.column_dimensions[get_column_letter(number)]
    form.number_format = _number_format(column.column_type)
    form.width = max(12, len(column.name) + 4)


def _comment(lines: tuple[str, ...]) -> Comment:
    rows = sum(1 + len(line) // 48 for line in lines)
    height = _COMMENT_LINE + rows * 18
    return Comment("\n".join(lines), "Sluice", height=height, width=_COMMENT_WIDTH)


def _number_format(kind: ColumnType) -> str:
    if kind.is_integer:
        return "0"
    if kind.kind == "numeric":
        return f"0.{'0' * kind.scale}" if kind.scale else "0"
    return _FORMATS[kind.kind]


def _add_choices(sheet: Worksheet, lists: Worksheet, number: int, column: TargetColumn) -> None:
    """Offer the values of a column that takes only some; what else is written is refused."""
    letter = get_column_letter(number)
    if column.enum:
        for row, value in enumerate(column.enum, start=1):
            cell = lists.cell(row=row, column=number, value=value)
            cell.data_type = "s"  # a value such as =A1 is no formula
        source = f"'{_LISTS}'!${letter}$1:${letter}${len(column.enum)}"
    elif column.column_type.kind == "boolean":
        source = '"TRUE,FALSE"'
    else:
        return
    choice = DataValidation(type="list", formula1=source, allow_blank=True, showErrorMessage=True)
    choice.errorTitle = column.name[:_TITLE_CHARACTERS]
    choice.error = "Choose one of the values in the list."
    choice.add(f"{letter}2:{letter}{LAST_ROW}")
    sheet.add_data_validation(choice)
