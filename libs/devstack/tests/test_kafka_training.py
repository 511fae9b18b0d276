"""The archive of Kafka's classes is a matter of speed: it fails nothing, and nobody waits twice."""

from pathlib import Path

import pytest

from devstack.errors import PartUnavailableError
from devstack.kafka_classes import archive_path
from devstack.kafka_training import make_archive, offer_archive
from devstack.native_kafka import VERSION

_USELESS = """#!/bin/sh
echo "$*" >> "$(dirname "$0")/asked"
echo 'openjdk version "21.0.1"'
case "$*" in *kafka.Kafka*) exit 3 ;; esac
"""


@pytest.fixture
def java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Java whose broker ends at once, beside jars that are there."""
    path = tmp_path / "bin" / "java"
    path.parent.mkdir()
    path.write_text(_USELESS)
    path.chmod(0o755)
    jars = tmp_path / "cache" / f"kafka-{VERSION}"
    jars.mkdir(parents=True)
    (jars / f"kafka_2.13-{VERSION}.jar").touch()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.setenv("SLUICE_CACHE", str(tmp_path / "cache"))
    return path


def archive(java: Path) -> Path:
    return archive_path(java, java.parents[1] / "cache" / f"kafka-{VERSION}")


def forbid_the_lock(java: Path) -> None:
    """As a cache that is only read does, also for root."""
    archive(java).with_name(f"{archive(java).name}.lock").mkdir()


def test_an_archive_that_is_there_needs_nothing_written(java: Path) -> None:
    archive(java).touch()
    forbid_the_lock(java)
    assert make_archive() == archive(java)


def test_a_cache_that_cannot_be_written_is_told_and_fails_nothing(java: Path) -> None:
    forbid_the_lock(java)
    said: list[str] = []
    offer_archive(["kafka"], said.append)
    assert len(said) == 1
    assert said[0].startswith("Kafka will start more slowly: ")
    assert "lock" in said[0]


def test_a_broker_that_makes_no_archive_is_not_tried_again(java: Path) -> None:
    for _ in range(2):
        with pytest.raises(PartUnavailableError, match="ended with 3"):
            make_archive()
    asked = (java.parent / "asked").read_text()
    assert asked.count("kafka.Kafka ") == 1
    java.write_text(_USELESS + "# another Java\n")
    with pytest.raises(PartUnavailableError, match="ended with 3"):
        make_archive()
    assert (java.parent / "asked").read_text().count("kafka.Kafka ") == 2


def test_no_archive_is_made_where_kafka_is_not_started_from_its_jars(java: Path) -> None:
    said: list[str] = []
    offer_archive(["postgres", "redis"], said.append)
    assert not said
    assert not (java.parent / "asked").exists()
