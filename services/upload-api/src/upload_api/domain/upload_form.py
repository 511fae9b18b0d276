"""Step 1: what the form of an upload says beside its file; nothing unknown passes in silence."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from uuid import UUID

from csv_reader import KNOWN_WISHES, Wish, WishUnknown, read_wish

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from import_targets.definition import Mode

MappedHeaders: TypeAlias = "Mapping[str, str | None]"
"""By a header or a column's letter, the field that it feeds; None: no field."""

MODES: Final[dict[str, Mode]] = {m: m for m in ("insert", "upsert", "skip_existing")}
NO_WISH: Final = Wish()
MAX_MAPPED = 1_000
MAX_HEADER_CHARACTERS = 2_000
MAX_MAPPING_BYTES = 1024 * 1024
"""Of the field, as JSON with every sign escaped; the other fields are short."""
NAME = re.compile(r"[^\x00-\x1f\x7f/\\]{1,100}")
"""Of a saved mapping: it stands in addresses and in lists."""
_LINE = re.compile(r"[1-9][0-9]{0,8}")

_TEXT_FIELDS = ("target", "sheet", "headerLine", *KNOWN_WISHES)
PREVIEW_FIELDS = (*_TEXT_FIELDS, "mapping", "mappingName", "keep", "previewId")
UPLOAD_FIELDS = (
    *_TEXT_FIELDS,
    "mapping",
    "mappingName",
    "mode",
    "dryRun",
    "correctionOf",
    "maxErrorPercent",
    "previewId",
)
_OF_THE_CORRECTED_JOB = ("target", "headerLine", "mapping", "mappingName", "mode", "dryRun")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


class FieldRefused(Exception):
    """A field of the form means nothing; `members` name it and what is allowed, for programs."""

    def __init__(self, code: str, message: str, **members: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.members = members


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadForm:
    """The fields of an upload or a preview; None where the form does not say."""

    target: str | None = None
    sheet: str | None = None
    header_line: int | None = None
    wish: Wish = NO_WISH
    mapping: MappedHeaders | None = None
    mapping_name: str | None = None
    mode: Mode | None = None
    dry_run: bool = False
    correction_of: UUID | None = None
    max_error_percent: float | None = None
    preview_id: UUID | None = None
    keep: bool = False


def read_form(fields: Mapping[str, str], known: Iterable[str]) -> UploadForm:
    """Return what the form says; an empty field is as good as none.

    Raises:
        FieldRefused: the first field that is unknown, or whose value means nothing.
    """
    told = {name: text for name, text in fields.items() if text}
    _refuse_unknown(fields, tuple(known))
    _refuse_conflicts(told)
    return UploadForm(
        target=told.get("target"),
        sheet=told.get("sheet"),
        header_line=_line(told),
        wish=_wish(told),
        mapping=_mapping(told),
        mapping_name=_mapping_name(told),
        mode=_mode(told),
        dry_run=_boolean(told, "dryRun"),
        correction_of=_uuid(told, "correctionOf"),
        max_error_percent=_percent(told),
        preview_id=_uuid(told, "previewId"),
        keep=_boolean(told, "keep"),
    )


def read_columns(raw: object) -> MappedHeaders | None:
    """Return the columns of a mapping as it came in JSON, None when it is none."""
    if not isinstance(raw, dict) or not 0 < len(raw) <= MAX_MAPPED:
        return None
    fields = [field for field in raw.values() if field is not None]
    if not all(isinstance(text, str) and can_be_said(text) for text in (*raw, *fields)):
        return None
    return {header: field and field.strip() for header, field in raw.items()}


def can_be_said(text: str) -> bool:
    """Tell whether a mapping can hold this header or field."""
    return bool(text.strip()) and len(text) <= MAX_HEADER_CHARACTERS and _can_be_stored(text)


def _can_be_stored(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can hold
        return False
    return "\0" not in text


def invalid(field: str, found: str, allowed: str, **members: Any) -> FieldRefused:
    """Return the refusal of a value; what was found is repeated only as far as it is short."""
    shown = found if len(found) <= 60 else f"{found[:60]}…"  # noqa: PLR2004 - as much as is read at a glance
    message = f"The field {field} is {shown!r}; allowed is {allowed}."
    return FieldRefused("FIELD_INVALID", message, field=field, allowed=allowed, **members)


def _refuse_unknown(fields: Mapping[str, str], known: tuple[str, ...]) -> None:
    unknown = sorted(set(fields) - set(known))
    if unknown:
        shown = ", ".join(repr(name[:60]) for name in unknown)
        message = (
            f"The form has fields that mean nothing here: {shown}; known are {', '.join(known)}."
        )
        raise FieldRefused("FIELD_UNKNOWN", message, fields=unknown, known=list(known))


def _refuse_conflicts(told: Mapping[str, str]) -> None:
    if "mapping" in told and "mappingName" in told:
        message = "Send mapping or mappingName, not both."
        raise FieldRefused("FIELD_CONFLICT", message, fields=["mapping", "mappingName"])
    if "correctionOf" not in told:
        return
    beside = [name for name in _OF_THE_CORRECTED_JOB if name in told]
    if told.get("dryRun", "").lower() in {"false", "0"}:
        beside.remove("dryRun")
    if beside:
        message = (
            "A correction takes target, columns and mode from the job it corrects, and is no dry "
            f"run: leave out {', '.join(beside)}."
        )
        raise FieldRefused("FIELD_CONFLICT", message, fields=["correctionOf", *beside])


def _wish(told: Mapping[str, str]) -> Wish:
    try:
        return read_wish(told)
    except WishUnknown as unknown:
        code = f"{unknown.field.upper()}_UNKNOWN"
        raise FieldRefused(
            code, unknown.message, field=unknown.field, known=list(unknown.known)
        ) from None


def _mapping(told: Mapping[str, str]) -> MappedHeaders | None:
    text = told.get("mapping")
    if text is None:
        return None
    allowed = 'JSON such as {"columns": {"Order no": "order_id", "C": null}}'
    try:
        raw: object = json.loads(text)
    except (ValueError, RecursionError):
        raise invalid("mapping", text, allowed) from None
    columns = read_columns(raw.get("columns")) if isinstance(raw, dict) and len(raw) == 1 else None
    if columns is None:
        raise invalid("mapping", text, allowed)
    return columns


def _mapping_name(told: Mapping[str, str]) -> str | None:
    name = told.get("mappingName")
    if name is not None and NAME.fullmatch(name) is None:
        raise invalid("mappingName", name, "a name of 1 to 100 characters without slashes")
    return name


def _mode(told: Mapping[str, str]) -> Mode | None:
    text = told.get("mode")
    if text is None:
        return None
    if text not in MODES:
        raise invalid("mode", text, f"one of {', '.join(MODES)}", known=list(MODES))
    return MODES[text]


def _boolean(told: Mapping[str, str], field: str) -> bool:
    text = told.get(field, "false").lower()
    if text not in _BOOLEANS:
        raise invalid(field, text, "true or false")
    return _BOOLEANS[text]


def _uuid(told: Mapping[str, str], field: str) -> UUID | None:
    text = told.get(field)
    if text is None:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise invalid(field, text, "a UUID") from None


def _line(told: Mapping[str, str]) -> int | None:
    text = told.get("headerLine")
    if text is None:
        return None
    if _LINE.fullmatch(text) is None:
        raise invalid("headerLine", text, "the number of a row, from 1 on")
    return int(text)


def _percent(told: Mapping[str, str]) -> float | None:
    text = told.get("maxErrorPercent")
    if text is None:
        return None
    try:
        percent = float(text)
    except ValueError:
        percent = math.nan
    if not 0 <= percent <= 100:  # noqa: PLR2004 - per cent
        raise invalid("maxErrorPercent", text, "a number from 0 to 100")
    return percent
