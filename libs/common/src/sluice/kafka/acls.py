"""Who may do what on Kafka: read from a file, and given to the brokers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from confluent_kafka import KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # not in its __all__
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from sluice.errors import Outage, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sluice.settings import KafkaSettings

_RESOURCES = {"topics": ResourceType.TOPIC, "groups": ResourceType.GROUP}


def read_acls(path: Path) -> list[AclBinding]:
    """Return the bindings that a file names.

    Raises:
        SettingsError: it cannot be read, or names something that Kafka does not know.
    """
    try:
        named = yaml.safe_load(path.read_text(encoding="utf-8"))
        return [
            binding
            for principal, resources in named.items()
            for kind, entries in resources.items()
            for name, operations in entries.items()
            for binding in _bindings(principal, _RESOURCES[kind], name, operations)
        ]
    except (OSError, yaml.YAMLError, AttributeError, KeyError, TypeError) as error:
        raise SettingsError(f"{path} is no list of rights: {error}") from error


def _bindings(
    principal: str, kind: ResourceType, name: str, operations: list[str]
) -> Iterator[AclBinding]:
    is_prefix = name.endswith("*")
    pattern = ResourcePatternType.PREFIXED if is_prefix else ResourcePatternType.LITERAL
    for operation in operations:
        yield AclBinding(
            kind,
            name.removesuffix("*"),
            pattern,
            f"User:{principal}",
            "*",
            AclOperation[operation.upper()],
            AclPermissionType.ALLOW,
        )


def apply_acls(settings: KafkaSettings, bindings: list[AclBinding]) -> None:
    """Give the rights; those that are there stay.

    Raises:
        Outage: the brokers do not answer, or refuse us.
    """
    admin: Any = AdminClient(settings.client_config("apply-acls"))
    try:
        for future in admin.create_acls(bindings, request_timeout=30).values():
            future.result()
    except KafkaException as error:
        raise Outage("kafka", error.args[0].str()) from error
