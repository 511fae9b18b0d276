"""YAML as texts, lists and mappings alone, with the keys that stand twice."""

from __future__ import annotations

from typing import Any

import yaml


class _PlainLoader(yaml.BaseLoader):
    """Builds nothing else: safe, and a currency NO stays 'NO'. Remembers repeated keys."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.repeated: list[str] = []

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        # YAML itself takes the last of them without a word
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in seen:
                line = key.start_mark.line + 1
                self.repeated.append(f"'{key.value}' is written twice, again in line {line}")
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def read_plain_yaml(text: str) -> tuple[Any, list[str]]:
    """Return what a text holds, and sentences on keys that it repeats.

    Raises:
        YAMLError: it is no YAML.
        RecursionError: it is nested too deep.
    """
    loader = _PlainLoader(text)
    try:
        return loader.get_single_data(), loader.repeated
    finally:
        loader.dispose()
