"""What a workbook may cost, as one value."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds checked while reading; the defaults are Excel's own or the product's.

    `max_ratio` (inflated to compressed bytes) counts only for parts above `ratio_from_bytes`. A
    cell above `max_cell_chars` is cut and marked, one above `max_held_cell_chars` is not held.
    """

    max_columns: int = 500
    max_rows: int = 1_048_576
    max_cell_chars: int = 32_767
    max_held_cell_chars: int = 262_144
    max_held_row_chars: int = 8 * MIB
    max_part_bytes: int = 2048 * MIB
    max_ratio: int = 100
    ratio_from_bytes: int = 10 * MIB
    max_zip_entries: int = 2_000
    max_sheets: int = 2_000
    max_styles: int = 65_536
    max_xml_depth: int = 64
    strings_in_memory_bytes: int = 30 * MIB
