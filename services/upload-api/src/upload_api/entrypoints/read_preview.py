"""Step 1: the head of a received file, matched with a target."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from starlette.concurrency import run_in_threadpool

from import_targets import (
    FoundHeader,
    MatchedHeader,
    TargetDefinition,
    find_header,
    header_signature,
)
from import_targets.header_search import HeadRows
from sluice.auth.access import User
from upload_api.adapters.postgres_jobs import find_duplicate
from upload_api.adapters.postgres_mappings import SavedMapping, list_mappings
from upload_api.adapters.uploaded_head import HEAD_ROWS, UploadedHead
from upload_api.domain.file_names import clean_file_name
from upload_api.domain.intake import Refused, header_rows, rows_behind
from upload_api.domain.suggested_mapping import suggested_mapping
from upload_api.domain.target_choice import FITS, FittingTarget, fitting_targets
from upload_api.domain.upload_form import MAX_HEADER_CHARACTERS, UploadForm
from upload_api.entrypoints.accept_upload import head_of, unfit
from upload_api.entrypoints.dialect_view import dialect_view
from upload_api.entrypoints.form_problems import target_named
from upload_api.entrypoints.kept_file import LentFile
from upload_api.entrypoints.named_mapping import ChosenMapping, chosen_mapping
from upload_api.entrypoints.preview_rows import TYPED_ROWS, ShownRows
from upload_api.entrypoints.preview_views import (
    MatchingMapping,
    Preview,
    SheetView,
    SuggestedMapping,
    TargetScore,
)
from upload_api.parts import Parts


@dataclass(frozen=True, slots=True, kw_only=True)
class _Matched:
    """A target, the mapping that was used, and the header that was found."""

    target: TargetDefinition
    mapping: ChosenMapping
    header: FoundHeader | None
    fitting: tuple[FittingTarget, ...] = ()
    saved: list[SavedMapping] = field(default_factory=list)


async def read_preview(parts: Parts, user: User, file: LentFile, form: UploadForm) -> Preview:
    """Return what an upload of this file with this form would do.

    Raises:
        Problem: 415 or 422, the file cannot be read or the form means nothing.
        Outage: PostgreSQL or storage is away.
    """
    read = partial(head_of, file.received, form, rows=HEAD_ROWS + TYPED_ROWS)
    head = await parts.storage_threads.run(read)
    return await run_in_threadpool(_preview_of, parts, user, file, form, head)


def _preview_of(
    parts: Parts, user: User, file: LentFile, form: UploadForm, head: UploadedHead
) -> Preview:
    matched = _match(parts, user, form, head)
    line = matched.header.line if matched.header else None
    rows = ShownRows(head, line)
    match = matched.header.match if matched.header else None
    with parts.connection() as conn:
        duplicate_of = find_duplicate(conn, user.user_id, file.received.sha256, matched.target.name)
    return Preview(
        file_name=clean_file_name(file.received.raw_name),
        file_size_bytes=file.received.size_bytes,
        sheets=[SheetView(name=s.name, visible=s.visible) for s in head.sheet.sheets],
        sheet=head.sheet.sheet.name,
        dialect=dialect_view(head.dialect),
        header_line=line,
        headers=rows.headers(match.headers) if match else [],
        rows_above=rows.above(),
        rows=rows.below(),
        estimated_rows=rows_behind(head.sheet, line) if line is not None else 0,
        target=matched.target.name,
        targets=[
            TargetScore(name=one.name, score=one.score, missing_required=list(one.missing_required))
            for one in matched.fitting
        ],
        missing_required=list(match.missing_required) if match else [],
        faults=list(match.faults) if match else ["There is no header: the table is empty."],
        fault_code=(match.code if match.faults else None) if match else "EMPTY",
        suggested_mapping=_suggested(match.headers if match else (), matched.mapping),
        saved_mappings=[
            MatchingMapping(name=s.name, version=s.version, target=s.target, saved_at=s.saved_at)
            for s in matched.saved
        ],
        duplicate_of=duplicate_of,
        preview_id=file.preview_id,
        kept_until=file.kept_until,
    )


def _match(parts: Parts, user: User, form: UploadForm, head: UploadedHead) -> _Matched:
    try:
        rows = header_rows(head.sheet, form.header_line, HEAD_ROWS)
    except Refused as refused:
        raise unfit(refused) from None
    targets = parts.targets
    asked = chosen_mapping(parts, user, form)
    fitting = fitting_targets(targets.values(), rows)
    best = fitting[0].name if fitting and fitting[0].score >= FITS else None
    # Of headers as the preview shows them: so they come back to be saved
    shown = [[(text or "")[:MAX_HEADER_CHARACTERS] for text in texts] for _, texts in rows]
    signatures = [header_signature(texts) for texts in shown]
    with parts.connection() as conn:
        saved = list_mappings(conn, user.user_id, form.target, signatures)
    chosen = asked
    if not asked.columns:
        chosen = next((_chosen(s) for s in saved if _fits(s, targets, rows)), asked)
    target = target_named(targets, form.target or chosen.target or best)
    return _Matched(
        target=target,
        mapping=chosen,
        header=find_header(target, rows, chosen.columns),
        fitting=fitting,
        saved=saved,
    )


def _chosen(saved: SavedMapping) -> ChosenMapping:
    return ChosenMapping(
        columns=saved.columns, name=saved.name, version=saved.version, target=saved.target
    )


def _fits(
    saved: SavedMapping,
    targets: Mapping[str, TargetDefinition],
    rows: HeadRows,
) -> bool:
    """Tell whether a mapping still means something: targets change."""
    target = targets.get(saved.target)
    header = find_header(target, rows, saved.columns) if target is not None else None
    return header is not None and not header.match.mapping_faults


def _suggested(headers: tuple[MatchedHeader, ...], mapping: ChosenMapping) -> SuggestedMapping:
    return SuggestedMapping(
        columns=suggested_mapping(headers),
        mapping_name=mapping.name,
        mapping_version=mapping.version,
    )
