"""Reads a whole target file's content, and finds everything that is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from import_targets.column_rules_file import CORRECTION_HEADERS, column_from
from import_targets.definition import RECORDS, Mode, TargetColumn, TargetDefinition
from import_targets.header_keys import header_key
from import_targets.identifiers import IDENTIFIER, schema_fault

if TYPE_CHECKING:
    from import_targets.file_faults import Faults

_KEYS: Final = frozenset(
    {"name", "table", "mode", "key", "lineage", "columns", "keep_replaced", "max_error_percent"}
)
_MODES: Final[dict[str, Mode]] = {m: m for m in ("insert", "upsert", "skip_existing")}
_MAX_PARTS: Final = 2


def definition_from(raw: Any, faults: Faults) -> TargetDefinition | None:
    """Return the target, or None when `faults` got any."""
    if not isinstance(raw, dict):
        faults.add(None, "is no mapping; start with 'name: …', 'table: …' and 'columns:'")
        return None
    faults.unknown_keys(None, raw, _KEYS)
    columns = _columns(raw, faults)
    definition = TargetDefinition(
        name=_name(raw, faults),
        kind="typed",
        table=_table(raw, faults),
        columns=columns,
        key=faults.texts(None, raw, "key"),
        mode=_mode(raw, faults),
        lineage=faults.flag(None, raw, "lineage", default=True),
        keep_replaced=faults.flag(None, raw, "keep_replaced", default=False),
        max_error_percent=faults.percent(raw, "max_error_percent"),
    )
    _check_key(definition, faults)
    _check_keeping(definition, faults)
    _check_headers(columns, faults)
    return None if faults.messages else definition


def _name(raw: dict[str, Any], faults: Faults) -> str:
    name = faults.text(None, raw, "name") or ""
    if IDENTIFIER.fullmatch(name) is None:
        faults.add(None, f"name is '{name}'; use a-z, 0-9 and _, at most 63 letters")
    if name == RECORDS.name:
        faults.add(None, "the name 'records' is the built-in target's; choose another")
    return name


def _table(raw: dict[str, Any], faults: Faults) -> str:
    table = faults.text(None, raw, "table") or ""
    parts = table.split(".")
    if len(parts) > _MAX_PARTS or any(IDENTIFIER.fullmatch(part) is None for part in parts):
        faults.add(None, f"table is '{table}'; write table or schema.table in a-z, 0-9 and _")
    elif len(parts) == _MAX_PARTS and (told := schema_fault(parts[0])):
        faults.add(None, f"table '{table}' {told}")
    return table


def _mode(raw: dict[str, Any], faults: Faults) -> Mode:
    mode = raw.get("mode", "insert")
    if not isinstance(mode, str) or mode not in _MODES:
        faults.add(None, f"mode is '{mode}'; use one of {', '.join(_MODES)}")
        return "insert"
    return _MODES[mode]


def _columns(raw: dict[str, Any], faults: Faults) -> tuple[TargetColumn, ...]:
    listed = raw.get("columns")
    if not isinstance(listed, list) or not listed:
        faults.add(None, "has no columns; write 'columns:' and under it '- name: …' for each")
        return ()
    found = [column_from(item, number, faults) for number, item in enumerate(listed, start=1)]
    columns = tuple(column for column in found if column is not None)
    names = [column.name for column in columns]
    for name in sorted({name for name in names if names.count(name) > 1}):
        faults.add(name, "is there more than once; remove all but one")
    return columns


def _check_key(definition: TargetDefinition, faults: Faults) -> None:
    columns = {column.name: column for column in definition.columns}
    for name in definition.key:
        if name not in columns:
            faults.add(name, "is in the key, but is no column; add it or take it out of the key")
        elif not columns[name].required:
            faults.add(name, "is in the key; write 'required: true' for it")
    if len(set(definition.key)) < len(definition.key):
        faults.add(None, "key names a column twice; remove one")
    if definition.mode != "insert" and not definition.key:
        faults.add(None, f"mode {definition.mode} needs a key; write 'key: [column]'")


def _check_keeping(definition: TargetDefinition, faults: Faults) -> None:
    # Whatever the mode: an upload may ask for an upsert
    if not definition.keep_replaced:
        return
    if not definition.lineage:
        faults.add(None, "keep_replaced needs lineage: an undo finds rows by it; allow lineage")
    if not definition.key:
        faults.add(None, "keep_replaced is of upserts, which need a key; write 'key: [column]'")


def _check_headers(columns: tuple[TargetColumn, ...], faults: Faults) -> None:
    names = {header_key(column.name): column.name for column in columns}
    seen: dict[str, str] = {}
    for column in columns:
        for alias in column.aliases:
            key = header_key(alias)
            owner = names.get(key) or seen.setdefault(key, column.name)
            if not key:
                faults.add(column.name, f"alias '{alias}' is blank; remove it")
            elif alias.strip() in CORRECTION_HEADERS:
                faults.add(column.name, f"alias '{alias}' heads a column of corrections; remove it")
            elif owner != column.name:
                faults.add(column.name, f"alias '{alias}' also means {owner}; keep it at one")
