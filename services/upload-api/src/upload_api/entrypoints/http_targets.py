"""`/api/targets` and `/api/limits`: what can be imported, and how much of it."""

from typing import Any

from fastapi import APIRouter, Response

from csv_reader import KNOWN_WISHES
from import_targets import TargetDefinition, column_help
from import_targets.template_workbook import template_workbook
from sluice.limits.policy import LimitPolicy
from sluice.web.problems import Problem
from upload_api.entrypoints.callers import AppParts, CurrentUser, View, problems
from upload_api.parts import Parts

router = APIRouter(prefix="/api", tags=["targets"])

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_ROWS = 1_048_576
MAX_COLUMNS = 500
MAX_PART_BYTES = 2 * 1024**3
MAX_RATIO = 100
MAX_ZIP_ENTRIES = 2_000


class TargetView(View):
    """One target; `definition` is what its file says, `version` a short name of its content."""

    name: str
    version: str
    mode: str
    definition: dict[str, Any]


class TargetList(View):
    """All targets, by name."""

    targets: list[TargetView]


class FieldView(View):
    """One field of a target, and sentences on what it takes."""

    name: str
    type: str
    required: bool
    help: tuple[str, ...]


class TargetDetail(TargetView):
    """One target with its fields explained; `records` has none of its own."""

    fields: list[FieldView]


class RateLimitView(View):
    """At most `limit` of `unit` in any `windowS`; without a window: at once."""

    name: str
    limit: int
    unit: str
    window_s: float | None


class TextWords(View):
    """What a form may say of a text file."""

    encodings: tuple[str, ...] = KNOWN_WISHES["encoding"]
    delimiters: tuple[str, ...] = KNOWN_WISHES["delimiter"]
    decimals: tuple[str, ...] = KNOWN_WISHES["decimal"]


class LimitsView(View):
    """The limits of one workbook, of a text file, whose rows are not limited, and of a user."""

    max_upload_bytes: int
    max_text_upload_bytes: int
    max_rows: int = MAX_ROWS
    max_columns: int = MAX_COLUMNS
    max_part_bytes: int = MAX_PART_BYTES
    max_ratio: int = MAX_RATIO
    max_zip_entries: int = MAX_ZIP_ENTRIES
    max_stored_errors: int
    """Of one job, with their cells; all others are counted."""
    retention_days: float
    """Ended jobs are erased after them."""
    file_retention_days: float
    error_retention_days: float
    max_unfinished_jobs: int
    text_files: TextWords
    rates: list[RateLimitView]


@router.get("/targets", responses=problems(401, 503))
def list_targets(parts: AppParts, _user: CurrentUser) -> TargetList:
    """All targets; runs in a worker thread, as changed files are read on the way."""
    return TargetList(targets=[_view_of(target) for _, target in sorted(parts.targets.items())])


def _view_of(target: TargetDefinition) -> TargetView:
    return TargetView(
        name=target.name,
        version=target.version,
        mode=str(target.mode),
        definition=target.to_json(),
    )


@router.get("/targets/{name}", responses=problems(401, 404, 503))
def get_target(parts: AppParts, _user: CurrentUser, name: str) -> TargetDetail:
    """One target, explained; runs in a worker thread, as changed files are read on the way."""
    target = _target_named(parts, name)
    return TargetDetail(
        **_view_of(target).model_dump(),
        fields=[
            FieldView(
                name=column.name,
                type=column.type,
                required=column.required and column.default is None,
                help=column_help(target, column),
            )
            for column in target.columns
        ],
    )


@router.get(
    "/targets/{name}/template.xlsx",
    response_class=Response,
    responses={200: {"content": {XLSX: {}}}, **problems(401, 404, 503)},
)
def get_template(parts: AppParts, _user: CurrentUser, name: str) -> Response:
    """An empty workbook with the target's headers; runs in a worker thread."""
    target = _target_named(parts, name)
    if target.kind == "records":
        detail = "The target 'records' takes any headers, so it has no template."
        raise Problem(404, "TEMPLATE_UNKNOWN", detail)
    return Response(
        template_workbook(target),
        media_type=XLSX,
        headers={"Content-Disposition": f'attachment; filename="{target.name}-template.xlsx"'},
    )


def _target_named(parts: Parts, name: str) -> TargetDefinition:
    targets = parts.targets
    if name not in targets:
        known = sorted(targets)
        detail = f"There is no target {name[:100]!r}; the known ones: {', '.join(known)}."
        raise Problem(404, "TARGET_UNKNOWN", detail, targets=known)
    return targets[name]


@router.get("/limits")
async def limits(parts: AppParts) -> LimitsView:
    """Say how much a file may hold, and how often a user may ask."""
    return LimitsView(
        max_upload_bytes=parts.settings.max_upload_bytes,
        max_text_upload_bytes=parts.settings.max_text_upload_bytes,
        max_stored_errors=parts.settings.max_stored_errors,
        retention_days=parts.settings.retention_days,
        file_retention_days=parts.settings.file_retention_days,
        error_retention_days=parts.settings.error_retention_days,
        max_unfinished_jobs=parts.settings.max_unfinished_jobs,
        text_files=TextWords(),
        rates=[_rate(policy) for policy in parts.policies.all()],
    )


def _rate(policy: LimitPolicy) -> RateLimitView:
    return RateLimitView(
        name=policy.name,
        limit=policy.limit,
        unit=policy.unit,
        window_s=None if policy.unit == "concurrent-requests" else policy.window_s,
    )
