"""A streaming reader for CSV and TSV: any length in constant memory, exact or refused by name."""

from csv_reader.csv_file import CsvFile
from csv_reader.dialect import DELIMITER_NAMES, ENCODINGS, Dialect, Wish, dialect_name
from csv_reader.errors import CsvError, CsvErrorCode
from csv_reader.file_kind import KIND_HEAD_BYTES, FileKind, kind_of_file
from csv_reader.head import CsvHead, peek
from csv_reader.limits import Limits
from csv_reader.table import Table, open_table
from csv_reader.wishes import KNOWN_WISHES, WishUnknown, read_wish

__all__ = [
    "DELIMITER_NAMES",
    "ENCODINGS",
    "KIND_HEAD_BYTES",
    "KNOWN_WISHES",
    "CsvError",
    "CsvErrorCode",
    "CsvFile",
    "CsvHead",
    "Dialect",
    "FileKind",
    "Limits",
    "Table",
    "Wish",
    "WishUnknown",
    "dialect_name",
    "kind_of_file",
    "open_table",
    "peek",
    "read_wish",
]
