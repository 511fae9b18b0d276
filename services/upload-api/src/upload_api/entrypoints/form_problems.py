"""Step 1: the fields of a form, and the 422 of those that mean nothing."""

from collections.abc import Iterable, Mapping

from import_targets import TargetDefinition
from sluice.web.problems import Problem
from upload_api.domain.upload_form import MODES, FieldRefused, UploadForm, invalid, read_form
from upload_api.entrypoints.documented import Refusal

DEFAULT_TARGET = "records"
TARGET_UNKNOWN = Refusal(
    status=422,
    code="TARGET_UNKNOWN",
    detail="There is no target 'order'; the known ones: orders, records.",
    members={"targets": ["orders", "records"]},
)
"""What `target_named` raises, for the interface's description."""


def form_of(fields: Mapping[str, str], known: Iterable[str]) -> UploadForm:
    """Return what the fields say; raises `Problem`: 422, naming the field and what is allowed."""
    try:
        return read_form(fields, known)
    except FieldRefused as refused:
        raise problem_of(refused) from None


def problem_of(refused: FieldRefused) -> Problem:
    return Problem(422, refused.code, refused.message, **refused.members)


def target_named(targets: Mapping[str, TargetDefinition], name: str | None) -> TargetDefinition:
    """Return the target, `records` without a name; raises `Problem`: 422."""
    target = targets.get(name or DEFAULT_TARGET)
    if target is None:
        known = sorted(targets)
        shown = (name or DEFAULT_TARGET)[:100]
        detail = f"There is no target {shown!r}; the known ones: {', '.join(known)}."
        raise Problem(422, "TARGET_UNKNOWN", detail, targets=known)
    return target


def mode_of(form: UploadForm, target: TargetDefinition) -> str:
    """Return the mode of the form, else the target's; raises `Problem`: 422, it needs a key."""
    mode = form.mode or target.mode
    if mode != "insert" and not target.key:
        allowed = f"insert, for the target {target.name!r} has no key to find rows by"
        raise problem_of(invalid("mode", mode, allowed, known=list(MODES)))
    return str(mode)
