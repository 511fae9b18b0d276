"""`python -m sluice.kafka create-topics`: create the topics that are missing."""

from __future__ import annotations

import os
import sys

from sluice.errors import Outage, SettingsError
from sluice.kafka.topics import create_topics, topic_specs
from sluice.settings import KafkaSettings


def main() -> int:
    if sys.argv[1:] != ["create-topics"]:
        print("usage: python -m sluice.kafka create-topics", file=sys.stderr)  # noqa: T201
        return 2
    try:
        settings = KafkaSettings.from_env(os.environ)
        created = create_topics(settings, topic_specs(settings))
    except (SettingsError, Outage) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    print(f"topics created: {', '.join(created) or 'none, all were there'}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
