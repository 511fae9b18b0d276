"""Target files: the shipped one loads, and a wrong one is refused with all its faults."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from import_targets import (
    RECORDS,
    TargetColumn,
    TargetDefinition,
    TargetError,
    load_target,
    load_targets,
)
from import_targets.definition_rules import definition_from
from import_targets.file_faults import Faults

TARGETS = Path(__file__).parents[3] / "targets"

WRONG = r"""
name: Orders
table: sluice.jobs
mode: upsrt
lineage: maybe
keep_replaced: true
max_error_percent: 101
kee: [id]
key: [nowhere, id]
columns:
  - name: id
    type: bigint
    min: 5
    max: 4
    pattern: x
  - name: id
    type: serial
  - name: sluice_line
    type: integer
    default: many
  - name: "No; DROP TABLE"
    type: text
  - name: country
    type: text
    required: perhaps
    pattern: "(["
    aliases: land
    max_length: -1
  - name: land
    type: text
    aliases: [id]
    min_length: 5
    max_length: 3
    enum: [NO, SE]
    default: DE
  - name: price
    type: numeric(3,9)
  - name: ctid
    type: text
    unique: 2
  - name: _row
    type: integer
    references: customers
  - name: owner
    type: text
    aliases: [_errors, " "]
    references: sluice.users.name
    pattern: "[a-z]+"
    max_length: 3
    trim: true
    enum: [ab, abcd, A, " b"]
    default: A
  - name: flag
    type: boolean
    min: 1
  - plain
"""


def write(folder: Path, text: str, name: str = "wrong.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_targets_load_beside_the_built_in_one() -> None:
    targets = load_targets(TARGETS)
    assert set(targets) >= {"orders", "records"}
    orders = targets["orders"]
    assert [column.name for column in orders.columns] == [
        *("order_id", "customer_name", "email", "sku", "quantity", "unit_price"),
        *("currency", "ordered_at", "shipped", "note"),
    ]
    assert (orders.key, orders.mode, orders.lineage) == (("order_id",), "insert", True)
    assert orders.columns[4].maximum == "1000000"
    assert targets["records"] is RECORDS


def test_every_fault_of_a_file_is_in_one_message(tmp_path: Path) -> None:
    with pytest.raises(TargetError) as caught:
        load_target(write(tmp_path, WRONG))
    message = str(caught.value)
    said = [
        "name is 'Orders'",
        "Sluice's own schema",
        "mode is 'upsrt'",
        "lineage is 'maybe'",
        "'kee' is no known setting; write 'key'",
        "column nowhere: is in the key, but is no column",
        "column id: is in the key; write 'required: true'",
        "min 5 is above max 4",
        "column id: pattern means nothing for bigint",
        "type 'serial' is unknown",
        "column sluice_line: is a name that Sluice adds itself",
        "default 'many' is no integer",
        "'No; DROP TABLE' is no plain name",
        "required is 'perhaps'",
        "pattern is no regular expression",
        "aliases is 'land'",
        "max_length is '-1'",
        "alias 'id' also means id",
        "min_length is above max_length",
        "default 'DE' breaks the column's own rules",
        "type 'numeric(3,9)' cannot be",
        "column flag: min means nothing for boolean",
        "column no. 12: is no mapping",
        "max_error_percent is '101'; write a number from 0 to 100",
        "column ctid: is a name that every table of PostgreSQL has",
        "column ctid: unique is '2'",
        "column _row: is a header that Sluice adds to files of failed rows",
        "references is 'customers'; write table.column",
        "alias '_errors' heads a column of corrections",
        "alias ' ' is blank",
        "references 'sluice.users.name' is in Sluice's own schema",
        "enum 'abcd' breaks the column's other rules",
        "enum 'A' breaks the column's other rules",
        "enum ' b' breaks the column's other rules",
    ]
    assert [text for text in said if text not in message] == []
    assert all(line.startswith("wrong.yaml: ") for line in message.splitlines())


def test_faults_of_all_files_of_a_folder_come_together(tmp_path: Path) -> None:
    good = "name: a\ntable: a\ncolumns: [{name: x, type: text}]\n"
    write(tmp_path, good, "a.yaml")
    write(tmp_path, good, "b.yaml")
    write(tmp_path, "name: [", "c.yaml")
    write(tmp_path, "name: records\ntable: r\ncolumns: [{name: x, type: text}]", "d.yml")
    with pytest.raises(TargetError) as caught:
        load_targets(tmp_path)
    message = str(caught.value)
    assert "b.yaml: another file defines 'a' too" in message
    assert "c.yaml: cannot be read as YAML" in message
    assert "d.yml: the name 'records' is the built-in target's" in message


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("lineage: false\nkey: [x]", "keep_replaced needs lineage"),
        ("mode: insert", "keep_replaced is of upserts, which need a key"),
        ("table: pg_catalog.a\nkey: [x]", "in a schema of PostgreSQL's own"),
        ("table: sluice_dry.a\nkey: [x]", "in Sluice's own schema"),
    ],
)
def test_what_cannot_be_together_is_refused(tmp_path: Path, line: str, told: str) -> None:
    text = f"""name: a
{line}
{"" if "table" in line else "table: a"}
keep_replaced: true
columns: [{{name: x, type: text, required: true}}]"""
    with pytest.raises(TargetError, match=told) as caught:
        load_target(write(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_the_newer_settings_load(tmp_path: Path) -> None:
    text = """{name: a, table: a, key: [x], mode: upsert, keep_replaced: true,
      max_error_percent: 2.5, columns: [
        {name: x, type: text, required: true}, {name: y, type: bigint, unique: true},
        {name: z, type: bigint, references: shop.customers.id}]}"""
    target = load_target(write(tmp_path, text))
    assert (target.keep_replaced, target.max_error_percent) == (True, 2.5)
    assert [column.unique for column in target.columns] == [False, True, False]
    assert target.columns[2].references == "shop.customers.id"


def test_a_reference_to_the_table_of_another_file_is_checked_there(tmp_path: Path) -> None:
    columns = "{name: id, type: bigint, required: true}, {name: n, type: text, unique: true}"
    write(tmp_path, f"{{name: c, table: c, key: [id], columns: [{columns}]}}", "c.yaml")
    wrong = "".join(
        f"\n  - {{name: {name}, type: {kind}, references: {reference}}}"
        for name, kind, reference in [
            ("good", "bigint", "c.id"),
            ("also_good", "text", "c.n"),
            ("elsewhere", "text", "other.x"),
            ("gone", "bigint", "c.no"),
            ("typed", "integer", "c.id"),
            ("own", "text", "o.good"),
        ]
    )
    write(tmp_path, f"name: o\ntable: o\ncolumns:{wrong}\n", "o.yaml")
    with pytest.raises(TargetError) as caught:
        load_targets(tmp_path)
    assert str(caught.value).splitlines() == [
        (
            "o.yaml: column gone: references 'c.no', but the target 'c' has no column 'no'; "
            "add it there or name another"
        ),
        (
            "o.yaml: column typed: references 'c.id', but the target 'c' has 'id' as bigint; "
            "give both one type"
        ),
        (
            "o.yaml: column own: references 'o.good', but the target 'o' has 'good' neither unique "
            "nor as its key; write 'unique: true' there"
        ),
    ]


def test_the_version_is_of_the_content_alone(tmp_path: Path) -> None:
    text = "name: a\ntable: a\ncolumns: [{name: x, type: text}]\n"
    one = load_target(write(tmp_path, text)).version
    assert load_target(write(tmp_path, f"# a comment\n{text}")).version == one
    assert load_target(write(tmp_path, text.replace("text", "bigint"))).version != one
    assert len(one) == 12


def test_settings_that_are_written_twice_are_all_told(tmp_path: Path) -> None:
    text = """name: a
table: a
table: b
columns:
  - {name: x, type: text, min_length: 1, min_length: 2}
  - {name: y, type: text, min_length: 1}
"""
    with pytest.raises(TargetError) as caught:
        load_target(write(tmp_path, text))
    assert str(caught.value).splitlines() == [
        "wrong.yaml: 'table' is written twice, again in line 3; remove one",
        "wrong.yaml: 'min_length' is written twice, again in line 5; remove one",
    ]


def test_a_file_nested_without_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="cannot be read as YAML"):
        load_target(write(tmp_path, "[" * 1_000))


OF_COLUMN = (
    *("aliases", "required", "min", "max", "default", "trim", "min_length", "max_length"),
    *("pattern", "enum", "formats", "unique", "references"),
)
KEYS = st.sampled_from(
    [
        *("name", "table", "mode", "key", "lineage", "columns", "keep_replaced"),
        *("max_error_percent", "type", "?", *OF_COLUMN),
    ]
)
VALUES = st.sampled_from(
    ["", "a", "text", "bigint", "date", "numeric(5,2)", "true", "1", "-1", "a.b", "x.y.z", "(["]
)
RAW = st.recursive(
    VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=12),
    max_leaves=40,
)

COLUMN = st.fixed_dictionaries(
    {"name": st.sampled_from("abc"), "type": VALUES}, optional=dict.fromkeys(OF_COLUMN, RAW)
)
NEARLY = st.fixed_dictionaries(
    {"name": st.just("a"), "table": st.just("a"), "columns": st.lists(COLUMN, max_size=3)},
    optional={"key": st.lists(st.sampled_from("abc")), "mode": RAW, "lineage": RAW},
)


@settings(max_examples=50)
@given(RAW | NEARLY)
def test_whatever_a_file_holds_it_is_a_target_or_has_faults(raw: object) -> None:
    faults = Faults("f.yaml")
    definition = definition_from(raw, faults)
    assert (definition is None) == bool(faults.messages)


def test_a_country_no_stays_a_text(tmp_path: Path) -> None:
    text = "name: a\ntable: a\ncolumns: [{name: x, type: text, enum: [NO, SE, 010]}]\n"
    assert load_target(write(tmp_path, text)).columns[0].enum == ("NO", "SE", "010")


def test_a_missing_folder_and_a_missing_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="there is no such folder"):
        load_targets(tmp_path / "none")
    with pytest.raises(TargetError, match=r"none\.yaml: cannot be read"):
        load_target(tmp_path / "none.yaml")


TEXT_RULES = st.builds(
    TargetColumn,
    name=st.from_regex(r"[a-z_][a-z0-9_]{0,9}", fullmatch=True),
    type=st.sampled_from(["text", "integer", "numeric(12,2)", "date"]),
    aliases=st.lists(st.text()).map(tuple),
    required=st.booleans(),
    minimum=st.none() | st.text(),
    maximum=st.none() | st.text(),
    min_length=st.none() | st.integers(),
    max_length=st.none() | st.integers(),
    pattern=st.none() | st.text(),
    enum=st.lists(st.text()).map(tuple),
    default=st.none() | st.text(),
    trim=st.booleans(),
    unique=st.booleans(),
    references=st.none() | st.text(),
)


@given(
    st.builds(
        TargetDefinition,
        name=st.text(),
        kind=st.sampled_from(["typed", "records"]),
        table=st.text(),
        columns=st.lists(TEXT_RULES, max_size=3).map(tuple),
        key=st.lists(st.text()).map(tuple),
        mode=st.sampled_from(["insert", "upsert", "skip_existing"]),
        lineage=st.booleans(),
        keep_replaced=st.booleans(),
        max_error_percent=st.none() | st.floats(0, 100),
    )
)
def test_a_definition_survives_its_json(definition: TargetDefinition) -> None:
    assert TargetDefinition.from_json(definition.to_json()) == definition
