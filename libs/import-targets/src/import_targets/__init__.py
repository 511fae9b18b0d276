"""Import targets: what a table takes, which headers feed it, and whether rows keep its rules."""

from import_targets.catalog_table import (
    CatalogCheck,
    CatalogColumn,
    CatalogReference,
    CatalogTable,
)
from import_targets.coalesced_cells import CoalescedCells, coalesce, row_texts
from import_targets.column_help import column_help
from import_targets.create_table import add_lineage_sql, create_table_sql, undo_index_name
from import_targets.definition import LINEAGE_COLUMNS, RECORDS, TargetColumn, TargetDefinition
from import_targets.described_table import described_table
from import_targets.errors import TargetError
from import_targets.header_keys import header_key, header_signature
from import_targets.header_mapping import HeaderMapping
from import_targets.header_match import HeaderMatch, match_headers
from import_targets.header_search import FoundHeader, find_header
from import_targets.matched_header import MatchedHeader, Via
from import_targets.reference_rules import in_order_of_references
from import_targets.row_errors import RowError
from import_targets.row_validation import ValidatedRows, validate
from import_targets.shown_texts import shown_rows
from import_targets.table_differences import table_differences
from import_targets.target_files import load_target, load_targets, target_paths

__all__ = [
    "LINEAGE_COLUMNS",
    "RECORDS",
    "CatalogCheck",
    "CatalogColumn",
    "CatalogReference",
    "CatalogTable",
    "CoalescedCells",
    "FoundHeader",
    "HeaderMapping",
    "HeaderMatch",
    "MatchedHeader",
    "RowError",
    "TargetColumn",
    "TargetDefinition",
    "TargetError",
    "ValidatedRows",
    "Via",
    "add_lineage_sql",
    "coalesce",
    "column_help",
    "create_table_sql",
    "described_table",
    "find_header",
    "header_key",
    "header_signature",
    "in_order_of_references",
    "load_target",
    "load_targets",
    "match_headers",
    "row_texts",
    "shown_rows",
    "table_differences",
    "target_paths",
    "undo_index_name",
    "validate",
]
