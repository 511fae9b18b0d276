"""What a catalogue tells of a table becomes a target file, or a note on what cannot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from import_targets import (
    CatalogCheck,
    CatalogColumn,
    CatalogReference,
    CatalogTable,
    TargetDefinition,
    described_table,
    load_target,
)
from import_targets.catalog_rules import default_text, rules_of_check
from import_targets.column_types import parse_column_type


def described(tmp_path: Path, **parts: Any) -> tuple[TargetDefinition, list[str]]:
    text = described_table("t", "shop.t", CatalogTable(**parts))
    (tmp_path / "t.yaml").write_text(text, encoding="utf-8")
    notes = [line.removeprefix("# ") for line in text.splitlines() if line.startswith("# ")]
    return load_target(tmp_path / "t.yaml"), notes


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("bigint", "bigint"),
        ("character varying(20)", "text"),
        ("character(2)", "text"),
        ("citext", "text"),
        ("uuid", "text"),
        ("numeric(12,2)", "numeric(12,2)"),
        ("numeric", "numeric(38,10)"),
        ("real", "double"),
        ("timestamp(3) without time zone", "timestamp"),
        ("timestamp with time zone", None),
        ("jsonb", None),
        ("integer[]", None),
        ("numeric(50,2)", None),
        ("numeric(3,-2)", None),
    ],
)
def test_types_find_their_own(tmp_path: Path, kind: str, expected: str | None) -> None:
    columns = (CatalogColumn(name="a", type="text"), CatalogColumn(name="b", type=kind))
    target, notes = described(tmp_path, columns=columns)
    assert [column.type for column in target.columns[1:]] == ([expected] if expected else [])
    if expected is None:
        assert f"b: left out: the type {kind} cannot be imported" in notes
    if kind == "numeric":
        assert "b: numeric without digits is taken as numeric(38,10); write" in "\n".join(notes)
    if kind == "character varying(20)":
        assert target.columns[1].max_length == 20


def test_what_the_database_fills_is_left_out_and_another_key_is_found(tmp_path: Path) -> None:
    target, notes = described(
        tmp_path,
        columns=(
            CatalogColumn(name="id", type="bigint", not_null=True, is_made=True),
            CatalogColumn(name="maybe", type="text"),
            CatalogColumn(name="code", type="text", not_null=True, default="'x'::text"),
            CatalogColumn(name="sent", type="date", not_null=True, default="now()"),
            CatalogColumn(name="Odd Name", type="text", not_null=True),
            CatalogColumn(name="at", type="timestamp with time zone", not_null=True),
        ),
        key=("id",),
        uniques=(("id",), ("maybe",), ("code",), ("maybe", "code")),
    )
    assert [c.name for c in target.columns] == ["maybe", "code", "sent"]
    assert target.key == ("code",)
    assert [(c.required, c.unique, c.default) for c in target.columns] == [
        (False, True, None),
        (True, False, None),
        (False, False, None),
    ]
    told = "\n".join(notes)
    assert "id: left out: the database makes its values" in told
    assert "sent: its default now() is the table's own" in told
    assert "Odd Name: left out: no plain name; the table requires a value" in told
    assert "at: left out: the type timestamp with time zone cannot be imported; the table" in told
    assert "(maybe, code) is unique too" in told
    assert target.lineage is False
    assert "`sluice targets add-lineage t`" in told


def test_references_and_rules_are_said_or_noted(tmp_path: Path) -> None:
    target, notes = described(
        tmp_path,
        columns=(
            CatalogColumn(name="state", type="text", default="'new'::text"),
            CatalogColumn(name="n", type="integer", default="0"),
            CatalogColumn(name="mood", type="mood", labels=("sad", "NO")),
            CatalogColumn(name="who", type="bigint"),
            CatalogColumn(name="far", type="bigint"),
            *(CatalogColumn(name=f"sluice_{n}", type="integer") for n in ("line", "replaced")),
            CatalogColumn(name="sluice_job", type="uuid"),
        ),
        references=(
            CatalogReference(columns=("who",), table="shop.people", other_columns=("id",)),
            CatalogReference(columns=("far",), table='"Odd"', other_columns=("id",)),
            CatalogReference(columns=("n", "who"), table="x", other_columns=("a", "b")),
        ),
        checks=(
            CatalogCheck(
                name="states",
                columns=("state",),
                expression="(state = ANY (ARRAY['new'::text, 'it''s, ]'::text]))",
            ),
            CatalogCheck(name="low", columns=("n",), expression="((n >= 0) AND (n < 10))"),
            CatalogCheck(name="low2", columns=("n",), expression="(n > 1)"),
            CatalogCheck(name="odd", columns=("n", "who"), expression="(n >\n who)"),
        ),
    )
    columns = {column.name: column for column in target.columns}
    assert (columns["state"].enum, columns["state"].default) == (("new", "it's, ]"), "new")
    assert (columns["n"].minimum, columns["n"].maximum, columns["n"].default) == ("0", "9", "0")
    assert columns["mood"].enum == ("sad", "NO")
    assert columns["who"].references == "shop.people.id"
    assert target.lineage
    told = "\n".join(notes)
    assert '(far) references "Odd": the table' in told
    assert "(n, who) references x: the table" in told
    assert "the rule low2 stays the table's: (n > 1)" in told
    assert "the rule odd stays the table's: (n > who)" in told
    assert "no set of these columns tells rows apart" in told


def test_a_file_that_does_not_load_says_so_in_front(tmp_path: Path) -> None:
    checks = (CatalogCheck(name="c", columns=("n",), expression="(n >= 5)"),)
    columns = (CatalogColumn(name="n", type="integer", default="0"),)
    text = described_table("t", "t", CatalogTable(columns=columns, checks=checks))
    first = text.splitlines()[0]
    assert first == (
        "# to be mended by hand: column n: default 0 is outside of min and max; change it"
    )


VARYING = "character varying"
XY = {"enum": ["x", "y"]}


@pytest.mark.parametrize(
    ("kind", "expression", "rules"),
    [
        ("integer", "(a > 5)", {"min": "6"}),
        ("numeric(5,2)", "(a >= (0)::numeric)", {"min": "0"}),
        ("numeric(5,2)", "(a >= '-1.5'::numeric)", {"min": "-1.5"}),
        ("numeric(5,2)", "(a > (0)::numeric)", None),
        ("numeric(5,2)", "((a)::integer > 0)", None),
        ("double", "(a <= (9)::double precision)", {"max": "9"}),
        ("date", "(a >= '2020-01-01'::date)", {"min": "2020-01-01"}),
        ("text", "(char_length(a) <= 10)", {"max_length": 10}),
        ("text", "(length((a)::text) > 2)", {"min_length": 3}),
        ("text", f"((a)::text = ANY ((ARRAY['x'::{VARYING}, 'y'::{VARYING}])::text[]))", XY),
        ("text", "(a ~ '^[a-z]+$'::text)", None),
        ("text", "(a <> ''::text)", None),
        ("integer", "((a > 5) OR (a < 2))", None),
        ("integer", "((a > 5) AND (a > 7))", None),
        ("integer", "(b > 5)", None),
        ("integer", "((a % 2) = 0)", None),
    ],
)  # fmt: skip
def test_a_rule_is_said_when_it_can_be_said_exactly(
    kind: str, expression: str, rules: dict[str, Any] | None
) -> None:
    assert rules_of_check("a", parse_column_type(kind), expression) == rules


@pytest.mark.parametrize(
    ("kind", "expression", "text"),
    [
        ("text", "'it''s'::text", "it's"),
        ("text", "'x'::character varying(3)", "x"),
        ("text", "'new'::shop.state", "new"),
        ("integer", "'-1'::integer", "-1"),
        ("integer", "(-1)", "-1"),
        ("numeric(5,2)", "1.50", "1.50"),
        ("boolean", "true", "true"),
        ("date", "'2020-01-01'::date", "2020-01-01"),
        ("date", "CURRENT_DATE", None),
        ("text", "NULL::text", None),
        ("text", "('a'::text || 'b'::text)", None),
    ],
)
def test_a_default_is_taken_when_it_is_one_value(
    kind: str, expression: str, text: str | None
) -> None:
    assert default_text(parse_column_type(kind), expression) == text
