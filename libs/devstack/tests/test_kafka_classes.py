"""Which archive of classes a broker starts from."""

import os
from pathlib import Path

import pytest

from devstack.kafka_classes import archive_options, archive_path


@pytest.fixture
def java(tmp_path: Path) -> Path:
    path = tmp_path / "java"
    path.touch()
    return path


def test_a_broker_is_told_of_the_archive_once_it_is_there(java: Path, tmp_path: Path) -> None:
    jars = tmp_path / "kafka-1.0"
    assert archive_options(java, jars) == ()
    archive_path(java, jars).touch()
    assert archive_options(java, jars) == (f"-XX:SharedArchiveFile={archive_path(java, jars)}",)


def test_another_java_and_moved_jars_have_another_archive(java: Path, tmp_path: Path) -> None:
    """The JVM would refuse theirs at each start, and nobody would make a new one."""
    names = {archive_path(java, tmp_path / "a" / "kafka-1.0").name}
    names.add(archive_path(java, tmp_path / "b" / "kafka-1.0").name)
    os.utime(java, ns=(1, 1))
    names.add(archive_path(java, tmp_path / "a" / "kafka-1.0").name)
    assert len(names) == 3
