"""Target files: the shipped one loads, and a wrong one is refused with all its faults."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from import_targets import (
    RECORDS,
    TargetColumn,
    TargetDefinition,
    TargetError,
    load_target,
    load_targets,
)

TARGETS = Path(__file__).parents[3] / "targets"

WRONG = r"""
name: Orders
table: sluice.jobs
mode: upsrt
lineage: maybe
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
        "column no. 9: is no mapping",
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
    )
)
def test_a_definition_survives_its_json(definition: TargetDefinition) -> None:
    assert TargetDefinition.from_json(definition.to_json()) == definition
