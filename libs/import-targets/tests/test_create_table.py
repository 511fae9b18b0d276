"""The SQL of a target's table runs on PostgreSQL, twice, and refuses names that need quotes."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from import_targets import RECORDS, TargetDefinition, TargetError, create_table_sql, load_target

ORDERS = load_target(Path(__file__).parents[3] / "targets" / "orders.yaml")


def test_the_table_is_created_once_with_key_and_index(empty_database: str) -> None:
    sql = create_table_sql(ORDERS)
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
    assert ["brin" in indexes[1][0], "UNIQUE" in indexes[0][0]] == [True, True]


def test_a_target_without_lineage_gets_neither_its_columns_nor_its_index() -> None:
    plain = TargetDefinition.from_json({**ORDERS.to_json(), "lineage": False, "key": []})
    assert "sluice" not in create_table_sql(plain)


def test_a_name_that_is_no_identifier_never_reaches_sql() -> None:
    evil = TargetDefinition.from_json({**ORDERS.to_json(), "table": 'a"; DROP TABLE b; --'})
    with pytest.raises(TargetError, match="no plain name"):
        create_table_sql(evil)
    with pytest.raises(TargetError, match="migrations"):
        create_table_sql(RECORDS)
