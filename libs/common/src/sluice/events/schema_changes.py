"""What a change of an event's schema would break: those who read it, and those who read old ones.

An event may be read by a consumer that is older than it, and out of a topic by one that is newer.
So a version only gains optional members; whatever else is a new version, with a class of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

WHAT_TO_DO = (
    "Give new members a default, and leave the others as they are; or raise VERSION and state both"
    " versions until nobody reads the old one (docs/events.md, Versions)."
)
_PROSE = frozenset({"title", "description", "default", "$schema", "$id", "$defs", "examples"})
Schema = dict[str, Any]


def breaking_changes(old: Schema, new: Schema) -> list[str]:
    """Return what a consumer would notice, a sentence each; empty: nobody is harmed."""
    return list(_of_object(_Place("", old, new), old, new))


class _Place:
    """Where in the two schemas we are, and where their references lead."""

    def __init__(self, path: str, old_root: Schema, new_root: Schema) -> None:
        self.path = path
        self.old_root = old_root
        self.new_root = new_root

    def member(self, name: str) -> _Place:
        path = f"{self.path}.{name}" if self.path else name
        return _Place(path, self.old_root, self.new_root)


def _of_object(place: _Place, old: Schema, new: Schema) -> Iterator[str]:
    before: Mapping[str, Schema] = old.get("properties", {})
    after: Mapping[str, Schema] = new.get("properties", {})
    for name in before.keys() - after.keys():
        yield f"{place.member(name).path} was removed or renamed"
    for name in sorted(set(new.get("required", ())) - set(old.get("required", ()))):
        if name in before:
            yield f"{place.member(name).path} was optional and is required: older events lack it"
        else:
            yield f"{place.member(name).path} is new and required: older events lack it"
    for name in sorted(set(old.get("required", ())) - set(new.get("required", ()))):
        if name in after:
            yield f"{place.member(name).path} was always there and may be missing now"
    for name in sorted(before.keys() & after.keys()):
        yield from _of_value(place.member(name), before[name], after[name])


def _of_value(place: _Place, old: Schema, new: Schema) -> Iterator[str]:
    old, new = _resolved(old, place.old_root), _resolved(new, place.new_root)
    if "properties" in old and "properties" in new:
        yield from _of_object(place, old, new)
    elif "items" in old and "items" in new:
        yield from _of_value(place.member("[]"), old["items"], new["items"])
    elif _bare(old, place.old_root) != _bare(new, place.new_root):
        yield f"{place.path} takes other values than before"


def _resolved(schema: Schema, root: Schema) -> Schema:
    """Follow a reference within the schema."""
    reference = schema.get("$ref")
    if reference is None:
        return schema
    target: Schema = root["$defs"][reference.removeprefix("#/$defs/")]
    return target


def _bare(schema: Any, root: Schema) -> Any:
    """Return what values a schema takes, without its prose and its references."""
    if isinstance(schema, dict):
        found = _resolved(schema, root)
        return {name: _bare(part, root) for name, part in found.items() if name not in _PROSE}
    if isinstance(schema, list):
        return sorted((_bare(part, root) for part in schema), key=repr)
    return schema
