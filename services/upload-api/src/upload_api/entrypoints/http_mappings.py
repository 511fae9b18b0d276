"""`/api/mappings`: which column feeds which field, remembered by name; everybody's own."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from import_targets import TargetDefinition, header_signature, match_headers
from sluice.auth.access import User
from sluice.web.problems import Problem
from upload_api.adapters import postgres_mappings
from upload_api.adapters.postgres_mappings import NewMapping, SavedMapping
from upload_api.domain.upload_form import MAX_HEADER_CHARACTERS, MAX_MAPPED, NAME, read_columns
from upload_api.entrypoints.callers import AppParts, CurrentUser, View, problems
from upload_api.entrypoints.documented import Refusal, refusals
from upload_api.entrypoints.form_problems import TARGET_UNKNOWN, target_named
from upload_api.parts import Parts

router = APIRouter(prefix="/api/mappings", tags=["mappings"])

Header = Annotated[str, Field(max_length=MAX_HEADER_CHARACTERS)]
Name = Annotated[str, Path(description="1 to 100 characters, no slash", max_length=300)]
_EXAMPLE: dict[str, Any] = {
    "target": "orders",
    "columns": {"Order no": "order_id", "Pieces": "quantity", "C": None},
    "headers": ["Order no", "Pieces", ""],
}
_UNKNOWN = Refusal(
    status=404, code="MAPPING_UNKNOWN", detail="You have no saved mapping 'monthly'."
)
_INVALID = (
    Refusal(
        status=422,
        code="MAPPING_INVALID",
        detail="The mapping does not fit the target: 'sku' is fed by more than one column.",
        members={"faults": ["'sku' is fed by more than one column."]},
    ),
    TARGET_UNKNOWN,
)


class MappingBody(View):
    """A mapping to be saved: by header or by letter the field, null: none."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    target: str
    columns: dict[str, str | None]
    headers: list[Header] = Field(default=[], max_length=MAX_MAPPED)
    """All headers of the sheet in their order: a preview of such a sheet suggests the mapping."""


class MappingView(View):
    """A saved mapping; each change of it is a version."""

    name: str
    version: int
    target: str
    columns: Mapping[str, str | None]
    headers: list[str]
    saved_at: datetime


class MappingList(View):
    """The newest version of each mapping, latest first."""

    mappings: list[MappingView]


@router.get("", responses=problems(400, 401, 503))
async def list_mappings(
    parts: AppParts, user: CurrentUser, target: str | None = None
) -> MappingList:
    """List your saved mappings, of one target or of all."""

    def read() -> list[SavedMapping]:
        with parts.connection() as conn:
            wanted = target.replace("\0", "") if target else None
            return postgres_mappings.list_mappings(conn, user.user_id, wanted)

    return MappingList(mappings=[_view_of(found) for found in await run_in_threadpool(read)])


@router.get("/{name}", responses=problems(400, 401, 503) | refusals(_UNKNOWN))
async def get_mapping(
    parts: AppParts,
    user: CurrentUser,
    name: Name,
    version: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> MappingView:
    """Return a saved mapping of yours: the newest version, or the one that is asked for."""

    def read() -> SavedMapping | None:
        if NAME.fullmatch(name) is None:
            return None
        with parts.connection() as conn:
            return postgres_mappings.find_mapping(conn, user.user_id, name, version)

    found = await run_in_threadpool(read)
    if found is None:
        raise _unknown(name)
    return _view_of(found)


@router.put("/{name}", responses=problems(400, 401, 403, 503) | refusals(*_INVALID))
async def put_mapping(
    parts: AppParts, user: CurrentUser, name: Name, body: MappingBody
) -> MappingView:
    """Save a mapping under a name: a new version, unless it is saved already as it is."""
    if NAME.fullmatch(name) is None:
        raise _invalid(["A name has 1 to 100 characters, and no slash or control character."])
    return _view_of(await run_in_threadpool(_save, parts, user, name, body))


@router.delete(
    "/{name}", status_code=204, responses=problems(400, 401, 403, 503) | refusals(_UNKNOWN)
)
async def delete_mapping(parts: AppParts, user: CurrentUser, name: Name) -> None:
    """Delete a mapping with all its versions; jobs that were made with it keep their columns."""

    def delete() -> bool:
        if NAME.fullmatch(name) is None:
            return False
        with parts.connection() as conn:
            return postgres_mappings.delete_mapping(conn, user.user_id, name)

    if not await run_in_threadpool(delete):
        raise _unknown(name)


def _save(parts: Parts, user: User, name: str, body: MappingBody) -> SavedMapping:
    """Check and save; raises `Problem`: 422. Runs in a worker thread."""
    target = target_named(parts.targets, body.target)
    columns = read_columns(body.columns)
    if columns is None:
        raise _invalid(["Write columns as an object of headers or letters and fields or nulls."])
    headers = body.headers or list(columns)
    if faults := _faults(target, columns, headers):
        raise _invalid(faults)
    headers = [header.replace("\0", "") for header in headers]  # PostgreSQL keeps none
    mapping = NewMapping(
        owner_id=user.user_id,
        name=name,
        target=target.name,
        columns=columns,
        headers=headers,
        header_signature=header_signature(headers),
    )
    with parts.connection() as conn:
        return postgres_mappings.save_mapping(conn, mapping)


def _faults(
    target: TargetDefinition, columns: Mapping[str, str | None], headers: list[str]
) -> list[str]:
    fed = [field for field in columns.values() if field is not None]
    twice = sorted({field for field in fed if fed.count(field) > 1})
    match = match_headers(target, list(enumerate(headers)), columns)
    return [
        *match.mapping_faults,
        *(f"'{field}' is fed by more than one column." for field in twice),
    ]


def _view_of(found: SavedMapping) -> MappingView:
    return MappingView(
        name=found.name,
        version=found.version,
        target=found.target,
        columns=found.columns,
        headers=list(found.headers),
        saved_at=found.saved_at,
    )


def _unknown(name: str) -> Problem:
    return Problem(404, "MAPPING_UNKNOWN", f"You have no saved mapping {name[:100]!r}.")


def _invalid(faults: list[str]) -> Problem:
    detail = f"The mapping does not fit the target: {' '.join(faults)}"
    members: dict[str, Any] = {"faults": faults}
    return Problem(422, "MAPPING_INVALID", detail, **members)
