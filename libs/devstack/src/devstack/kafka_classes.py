"""Kafka's classes in an archive that the JVM maps (AppCDS), not read anew at each start."""

import hashlib
from pathlib import Path


def archive_path(executable: Path, jars: Path) -> Path:
    """Where the archive of these jars lies for this Java; made by `kafka_training`.

    The JVM refuses one that was made by another Java, or of jars at another place.
    """
    java = executable.resolve()
    made_of = f"{java} {java.stat().st_mtime_ns} {jars.resolve()}"
    digest = hashlib.sha256(made_of.encode()).hexdigest()[:12]
    return jars.with_name(f"{jars.name}-{digest}.jsa")


def archive_options(executable: Path, jars: Path) -> tuple[str, ...]:
    """What a JVM is told of the archive; nothing while there is none."""
    path = archive_path(executable, jars)
    return (f"-XX:SharedArchiveFile={path}",) if path.exists() else ()
