"""Step 1: what a preview tells of a file."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from import_targets import Via
from upload_api.domain.detected_types import DetectedType
from upload_api.entrypoints.callers import View
from upload_api.entrypoints.dialect_view import DialectView


class SheetView(View):
    """One sheet of a workbook."""

    name: str
    visible: bool


class PreviewHeader(View):
    """One column: its header, what its first cells look like, and the field that it feeds.

    `field` is what an upload as it was previewed would feed; `suggested` what a mapping had better
    say, with its `confidence` from 0 to 1 and how it was found.
    """

    index: int
    letter: str
    header: str
    mapping_key: str | None
    """What a mapping calls the column; null: nothing names it alone."""
    samples: list[str]
    detected_type: DetectedType
    field: str | None
    suggested: str | None
    confidence: float
    via: Via


class PreviewRow(View):
    """One row; long texts are cut."""

    line: int
    cells: list[str | None]


class SuggestedMapping(View):
    """A mapping as an upload takes it; from the saved one of that name, if any."""

    columns: Mapping[str, str | None]
    mapping_name: str | None = None
    mapping_version: int | None = None


class MatchingMapping(View):
    """A saved mapping of yours for just these headers."""

    name: str
    version: int
    target: str
    saved_at: datetime


class TargetScore(View):
    """How well the sheet fits a target, from 0 to 1."""

    name: str
    score: float
    missing_required: list[str]


class Preview(View):
    """The head of a file, matched with a target: what an upload of it would do.

    With `faults` an upload would be refused, as `faultCode`. `previewId`, until `keptUntil`, is
    taken by uploads and previews instead of the file.
    """

    file_name: str
    file_size_bytes: int
    sheets: list[SheetView]
    sheet: str
    dialect: DialectView | None
    header_line: int | None
    headers: list[PreviewHeader]
    rows_above: list[PreviewRow]
    """Before the header, among the first rows that hold anything; one of them may be the header."""
    rows: list[PreviewRow]
    estimated_rows: int
    target: str
    targets: list[TargetScore]
    missing_required: list[str]
    faults: list[str]
    fault_code: str | None
    suggested_mapping: SuggestedMapping
    saved_mappings: list[MatchingMapping]
    duplicate_of: UUID | None
    preview_id: UUID | None
    kept_until: datetime | None
