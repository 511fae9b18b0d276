"""A table as PostgreSQL's catalogue tells it: what a target file is described from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogColumn:
    """One column.

    Attributes:
        type: as `format_type` spells it, such as `character varying(20)`; of a domain its base.
        labels: of an enumerated type; empty for any other.
        default: the expression, None when there is none.
        is_made: the database makes the value itself: an identity, a sequence or a generated column.
    """

    name: str
    type: str
    not_null: bool = False
    labels: tuple[str, ...] = ()
    default: str | None = None
    is_made: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogReference:
    """A foreign key; `table` is quoted and qualified as needed."""

    columns: tuple[str, ...]
    table: str
    other_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogCheck:
    """A CHECK constraint with its expression as PostgreSQL spells it."""

    name: str
    columns: tuple[str, ...]
    expression: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogTable:
    """A table; `uniques` are the sets of columns of unique indexes, the primary key's among them.

    `key` is the primary key, empty when there is none.
    """

    columns: tuple[CatalogColumn, ...]
    key: tuple[str, ...] = ()
    uniques: tuple[tuple[str, ...], ...] = ()
    references: tuple[CatalogReference, ...] = ()
    checks: tuple[CatalogCheck, ...] = ()
