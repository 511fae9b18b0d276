"""Loads the YAML files that define targets, and refuses them with all their faults at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from import_targets.definition import RECORDS, TargetDefinition
from import_targets.definition_rules import definition_from
from import_targets.errors import TargetError
from import_targets.file_faults import Faults
from import_targets.plain_yaml import read_plain_yaml
from import_targets.reference_rules import reference_faults

if TYPE_CHECKING:
    from pathlib import Path


def load_target(path: Path) -> TargetDefinition:
    """Return the target that a file defines.

    Raises:
        TargetError: the file cannot be read or is wrong; every fault is in the message.
    """
    faults = Faults(path.name)
    definition = _load(path, faults)
    if definition is None:
        raise TargetError("\n".join(faults.messages))
    return definition


def load_targets(folder: Path) -> dict[str, TargetDefinition]:
    """Return the targets of a folder's `*.yaml` files by name, and the built-in `records`.

    Raises:
        TargetError: the folder is not there, or any of its files is wrong.
    """
    if not folder.is_dir():
        raise TargetError(f"{folder}: there is no such folder; name the one with the target files")
    targets = {RECORDS.name: RECORDS}
    by_file: dict[str, TargetDefinition] = {}
    messages: list[str] = []
    for path in target_paths(folder):
        faults = Faults(path.name)
        definition = _load(path, faults)
        if definition is not None and definition.name in targets:
            faults.add(None, f"another file defines '{definition.name}' too; rename one")
        elif definition is not None:
            targets[definition.name] = by_file[path.name] = definition
        messages += faults.messages
    messages += reference_faults(by_file)
    if messages:
        raise TargetError("\n".join(messages))
    return targets


def target_paths(folder: Path) -> list[Path]:
    """Return the files of a folder that define targets, in the order in which they are read."""
    return sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")])


def _load(path: Path, faults: Faults) -> TargetDefinition | None:
    try:
        raw, repeated = read_plain_yaml(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, RecursionError, yaml.YAMLError) as error:
        faults.add(None, f"cannot be read as YAML: {' '.join(str(error).split())}")
        return None
    for message in repeated:
        faults.add(None, f"{message}; remove one")
    return definition_from(raw, faults)
