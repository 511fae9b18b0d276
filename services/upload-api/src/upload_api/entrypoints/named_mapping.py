"""Step 1: the mapping of an upload: in its form, or saved under a name."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sluice.auth.access import User
from sluice.web.problems import Problem
from upload_api.adapters.postgres_mappings import find_mapping
from upload_api.domain.upload_form import UploadForm
from upload_api.parts import Parts


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenMapping:
    """What a mapping says of columns; `target` is the one that a saved mapping was saved for."""

    columns: Mapping[str, str | None] = field(default_factory=dict)
    name: str | None = None
    version: int | None = None
    target: str | None = None


def chosen_mapping(parts: Parts, user: User, form: UploadForm) -> ChosenMapping:
    """Return the mapping that a form chooses; blocks.

    Raises:
        Problem: 422, there is no mapping of that name, or it is for another target.
        Outage: PostgreSQL is away.
    """
    name = form.mapping_name
    if name is None:
        return ChosenMapping(columns=form.mapping or {})
    with parts.connection() as conn:
        saved = find_mapping(conn, user.user_id, name)
    if saved is None:
        detail = f"You have no saved mapping {name!r}; GET /api/mappings lists yours."
        raise Problem(422, "MAPPING_UNKNOWN", detail, field="mappingName")
    if form.target is not None and form.target != saved.target:
        detail = f"The mapping {name!r} is for the target {saved.target!r}, not {form.target!r}."
        raise Problem(422, "MAPPING_INVALID", detail[:500], faults=[detail[:500]])
    return ChosenMapping(
        columns=saved.columns, name=saved.name, version=saved.version, target=saved.target
    )
