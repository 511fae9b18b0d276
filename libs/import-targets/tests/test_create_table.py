"""The SQL of a target's table runs on PostgreSQL, twice, and refuses names that need quotes."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from import_targets import (
    RECORDS,
    TargetColumn,
    TargetDefinition,
    TargetError,
    add_lineage_sql,
    create_table_sql,
    in_order_of_references,
    load_target,
)

ORDERS = load_target(Path(__file__).parents[3] / "targets" / "orders.yaml")


def test_the_table_is_created_once_with_no_index_but_its_keys(empty_database: str) -> None:
    sql = create_table_sql(ORDERS)
    assert "INDEX" not in sql
    with psycopg.connect(empty_database, autocommit=True) as connection:
        for _ in range(2):
            connection.execute(sql)
        columns = connection.execute(
            "SELECT column_name, data_type, is_nullable FROM information_schema.columns "
            "WHERE table_name = 'orders' ORDER BY ordinal_position"
        ).fetchall()
        indexes = connection.execute(
            "SELECT indexdef FROM pg_indexes WHERE tablename = 'orders' ORDER BY indexname"
        ).fetchall()
    assert columns[0] == ("order_id", "bigint", "NO")
    assert columns[5] == ("unit_price", "numeric", "NO")
    assert columns[9:] == [
        ("note", "text", "YES"),
        ("sluice_job", "uuid", "YES"),
        ("sluice_line", "integer", "YES"),
        ("sluice_replaced", "integer", "YES"),
    ]
    assert ["UNIQUE" in index for (index,) in indexes] == [True]


def test_a_target_without_lineage_gets_no_columns_of_it() -> None:
    plain = TargetDefinition.from_json({**ORDERS.to_json(), "lineage": False, "key": []})
    assert "sluice" not in create_table_sql(plain)


CUSTOMERS = TargetDefinition(
    name="customers",
    kind="typed",
    table="customers",
    columns=(
        TargetColumn(name="id", type="bigint", required=True, unique=True),
        TargetColumn(name="code", type="text", unique=True),
        TargetColumn(name="parent", type="bigint", references="customers.id"),
    ),
    key=("id",),
)
VISITS = TargetDefinition(
    name="visits",
    kind="typed",
    table="visits",
    columns=(TargetColumn(name="who", type="text", references="customers.code"),),
)


def test_unique_columns_and_references_are_constraints_of_the_table(empty_database: str) -> None:
    with psycopg.connect(empty_database, autocommit=True) as connection:
        for target in in_order_of_references([VISITS, CUSTOMERS]):
            connection.execute(create_table_sql(target))
        connection.execute("INSERT INTO customers VALUES (1, 'a'), (2, NULL), (3, NULL)")
        connection.execute("INSERT INTO visits VALUES ('a'), (NULL)")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO customers VALUES (4, 'a')")
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            connection.execute("INSERT INTO visits VALUES ('b')")
        found = connection.execute(
            "SELECT contype::text, count(*) FROM pg_constraint "
            "WHERE conrelid = 'customers'::regclass AND contype IN ('p', 'u', 'f') GROUP BY 1"
        ).fetchall()
    assert sorted(found) == [("f", 1), ("p", 1), ("u", 1)]


def test_references_in_a_circle_leave_no_target_out() -> None:
    other = TargetDefinition(
        name="other",
        kind="typed",
        table="other",
        columns=(TargetColumn(name="who", type="text", references="visits.who"),),
    )
    circle = TargetDefinition.from_json(
        {**VISITS.to_json(), "columns": [{"name": "x", "type": "text", "references": "other.who"}]}
    )
    assert in_order_of_references([VISITS, other, CUSTOMERS]) == [CUSTOMERS, VISITS, other]
    assert len(in_order_of_references([circle, other, CUSTOMERS])) == 3


def test_a_table_that_is_there_gets_lineage_once(empty_database: str) -> None:
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute("CREATE TABLE orders (order_id bigint)")
        connection.execute("INSERT INTO orders VALUES (1)")
        for _ in range(2):
            connection.execute(add_lineage_sql(ORDERS))
        row = connection.execute("SELECT * FROM orders").fetchone()
    assert row == (1, None, None, None)


def test_lineage_is_not_added_where_it_is_given_up() -> None:
    plain = TargetDefinition.from_json({**ORDERS.to_json(), "lineage": False})
    with pytest.raises(TargetError, match="lineage: false"):
        add_lineage_sql(plain)
    with pytest.raises(TargetError, match="migrations"):
        add_lineage_sql(RECORDS)


def test_a_name_that_is_no_identifier_never_reaches_sql() -> None:
    evil = TargetDefinition.from_json({**ORDERS.to_json(), "table": 'a"; DROP TABLE b; --'})
    with pytest.raises(TargetError, match="no plain name"):
        create_table_sql(evil)
    with pytest.raises(TargetError, match="migrations"):
        create_table_sql(RECORDS)
