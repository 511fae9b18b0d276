"""`/api/targets` and `/api/limits`: what can be imported, and how much of it."""

from typing import Any

from fastapi import APIRouter

from import_targets import TargetDefinition
from upload_api.entrypoints.callers import AppParts, CurrentUser, View, problems

router = APIRouter(prefix="/api", tags=["targets"])

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


class LimitsView(View):
    """The limits of one workbook, and the size of a text file, whose rows are not limited."""

    max_upload_bytes: int
    max_text_upload_bytes: int
    max_rows: int = MAX_ROWS
    max_columns: int = MAX_COLUMNS
    max_part_bytes: int = MAX_PART_BYTES
    max_ratio: int = MAX_RATIO
    max_zip_entries: int = MAX_ZIP_ENTRIES


@router.get("/targets", responses=problems(401, 503))
async def list_targets(parts: AppParts, _user: CurrentUser) -> TargetList:
    return TargetList(targets=[_view_of(target) for _, target in sorted(parts.targets.items())])


def _view_of(target: TargetDefinition) -> TargetView:
    return TargetView(
        name=target.name,
        version=target.version,
        mode=str(target.mode),
        definition=target.to_json(),
    )


@router.get("/limits")
async def limits(parts: AppParts) -> LimitsView:
    return LimitsView(
        max_upload_bytes=parts.settings.max_upload_bytes,
        max_text_upload_bytes=parts.settings.max_text_upload_bytes,
    )
