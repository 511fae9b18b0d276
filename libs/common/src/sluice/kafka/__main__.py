"""`python -m sluice.kafka create-topics | apply-acls FILE`: what must be there before a start."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from sluice.errors import Outage, SettingsError
from sluice.kafka.topics import create_topics, topic_specs
from sluice.settings import KafkaSettings

USAGE = "usage: python -m sluice.kafka create-topics | apply-acls FILE"


def main() -> int:
    match sys.argv[1:]:
        case ["create-topics"] | ["apply-acls", _]:
            return _run(sys.argv[1:])
        case _:
            print(USAGE, file=sys.stderr)  # noqa: T201
            return 2


def _run(arguments: list[str]) -> int:
    try:
        settings = KafkaSettings.from_env(os.environ)
        if arguments[0] == "create-topics":
            created = create_topics(settings, topic_specs(settings))
            told = f"topics created: {', '.join(created) or 'none, all were there'}"
        else:
            # Imported here: the services and their topics need no YAML
            from sluice.kafka.acls import apply_acls, read_acls  # noqa: PLC0415

            bindings = read_acls(Path(arguments[1]))
            apply_acls(settings, bindings)
            told = f"rights given: {len(bindings)}"
    except (SettingsError, Outage) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    print(told)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
