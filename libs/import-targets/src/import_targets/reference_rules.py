"""What foreign keys need of the other target files of a folder, where those define their tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from import_targets.file_faults import Faults

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from import_targets.definition import TargetColumn, TargetDefinition


def reference_faults(by_file: Mapping[str, TargetDefinition]) -> list[str]:
    """Return what is wrong with references to tables of these files' targets.

    Other tables are nobody's here: whether they are right shows when the table is created.
    """
    tables: dict[str, list[TargetDefinition]] = {}
    for target in by_file.values():
        tables.setdefault(target.table, []).append(target)
    messages: list[str] = []
    for file, target in by_file.items():
        faults = Faults(file)
        for column in target.columns:
            if column.references is not None:
                table, _, name = column.references.rpartition(".")
                _check(column, name, tables.get(table, ()), faults)
        messages += faults.messages
    return messages


def _check(
    column: TargetColumn, name: str, targets: Iterable[TargetDefinition], faults: Faults
) -> None:
    for target in targets:
        found = next((other for other in target.columns if other.name == name), None)
        told = f"references '{column.references}', but the target '{target.name}'"
        if found is None:
            faults.add(column.name, f"{told} has no column '{name}'; add it there or name another")
        elif not found.unique and target.key != (name,):
            faults.add(
                column.name,
                f"{told} has '{name}' neither unique nor as its key; write 'unique: true' there",
            )
        elif found.column_type != column.column_type:
            faults.add(column.name, f"{told} has '{name}' as {found.type}; give both one type")


def in_order_of_references(targets: Iterable[TargetDefinition]) -> list[TargetDefinition]:
    """Return the targets such that, but for circles, a table comes behind those that it names."""
    left = list(targets)
    ordered: list[TargetDefinition] = []
    while left:
        waiting = {target.table for target in left}
        ready = [t for t in left if not (_referenced(t) - {t.table}) & waiting] or left[:1]
        ordered += ready
        left = [target for target in left if target not in ready]
    return ordered


def _referenced(target: TargetDefinition) -> set[str]:
    return {c.references.rpartition(".")[0] for c in target.columns if c.references is not None}
