"""A change of an event that would harm a consumer is named; one that would not is let through."""

from __future__ import annotations

from typing import Literal

import pytest
from pydantic import BaseModel

from sluice.events.schema_changes import breaking_changes


class Inner(BaseModel):
    line: int
    column: str | None = None


class Old(BaseModel):
    job: str
    rows: int
    status: Literal["done", "failed"]
    note: str | None = None
    inner: tuple[Inner, ...] = ()


class Same(Old):
    """Another name, other prose."""


class Gained(Old):
    dry_run: bool = False


class GainedRequired(Old):
    target: str


class Lost(BaseModel):
    job: str
    status: Literal["done", "failed"]
    note: str | None = None
    inner: tuple[Inner, ...] = ()


class OtherType(Old):
    rows: str  # type: ignore[assignment]  # the change that is to be noticed


class OtherValues(Old):
    status: Literal["done", "failed", "undone"]  # type: ignore[assignment]


class NoteRequired(Old):
    note: str


class RowsOptional(Old):
    rows: int = 0


class InnerWithout(BaseModel):
    column: str | None = None


class InnerLost(Old):
    inner: tuple[InnerWithout, ...] = ()  # type: ignore[assignment]


@pytest.mark.parametrize("new", [Old, Same, Gained])
def test_optional_members_may_come(new: type[BaseModel]) -> None:
    assert breaking_changes(Old.model_json_schema(), new.model_json_schema()) == []


@pytest.mark.parametrize(
    ("new", "told"),
    [
        (GainedRequired, "target is new and required"),
        (Lost, "rows was removed or renamed"),
        (OtherType, "rows takes other values"),
        (OtherValues, "status takes other values"),
        (NoteRequired, "note was optional and is required"),
        (RowsOptional, "rows was always there and may be missing"),
        (InnerLost, "inner.[].line was removed"),
    ],
)
def test_what_harms_a_consumer_is_named(new: type[BaseModel], told: str) -> None:
    found = breaking_changes(Old.model_json_schema(), new.model_json_schema())
    assert any(told in change for change in found), found
