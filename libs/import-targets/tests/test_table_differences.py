"""Where a target and its table disagree is told before rows meet it."""

from __future__ import annotations

from import_targets import (
    CatalogColumn,
    CatalogReference,
    CatalogTable,
    TargetColumn,
    TargetDefinition,
    table_differences,
)

TARGET = TargetDefinition(
    name="t",
    kind="typed",
    table="shop.t",
    key=("a", "b"),
    columns=(
        TargetColumn(name="a", type="bigint", required=True),
        TargetColumn(name="b", type="text", required=True),
        TargetColumn(name="c", type="numeric(5,2)", unique=True),
        TargetColumn(name="d", type="bigint", references="shop.people.id"),
    ),
)
LINEAGE = tuple(
    CatalogColumn(name=f"sluice_{name}", type="integer") for name in ("job", "line", "replaced")
)
FITTING = CatalogTable(
    columns=(
        CatalogColumn(name="a", type="bigint", not_null=True),
        CatalogColumn(name="b", type="uuid", not_null=True),
        CatalogColumn(name="c", type="numeric(5,2)"),
        CatalogColumn(name="d", type="bigint"),
        CatalogColumn(name="made", type="bigint", not_null=True, is_made=True),
        CatalogColumn(name="since", type="date", not_null=True, default="now()"),
        *LINEAGE,
    ),
    uniques=(("b", "a"), ("c",)),
    references=(CatalogReference(columns=("d",), table="shop.people", other_columns=("id",)),),
)


def test_a_table_that_fits_has_no_difference() -> None:
    assert list(table_differences(TARGET, FITTING)) == []


def test_every_difference_is_told() -> None:
    table = CatalogTable(
        columns=(
            CatalogColumn(name="a", type="integer", is_made=True),
            CatalogColumn(name="c", type="money"),
            CatalogColumn(name="d", type="bigint"),
            CatalogColumn(name="more", type="text", not_null=True),
        ),
        uniques=(("a",),),
    )
    assert list(table_differences(TARGET, table)) == [
        "column a: is bigint here, in the table integer",
        "column a: the database makes its values; take it out of the target",
        "column b: the table has none; add it, or take it out of the target",
        "column c: is numeric(5,2) here, in the table money",
        (
            "column more: the table requires a value, so it will refuse every row; add it to the "
            "target, or give it a default in the table"
        ),
        (
            "the table has no columns of lineage; run `sluice targets add-lineage t`, or write "
            "'lineage: false'"
        ),
        (
            "the key (a, b) is not unique in the table, so doubles are not found and nothing can "
            "be upserted: ALTER TABLE shop.t ADD UNIQUE (a, b)"
        ),
        (
            "column c: is not unique in the table, so doubles are not found: "
            "ALTER TABLE shop.t ADD UNIQUE (c)"
        ),
        (
            "column d: has no foreign key in the table: ALTER TABLE shop.t "
            "ADD FOREIGN KEY (d) REFERENCES shop.people (id)"
        ),
    ]
