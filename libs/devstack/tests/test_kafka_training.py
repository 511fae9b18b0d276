"""The archive of Kafka's classes is a matter of speed: it fails nothing, and nobody waits twice."""

import os
from pathlib import Path

import pytest

from devstack.errors import PartUnavailableError
from devstack.kafka_classes import archive_path
from devstack.kafka_training import TRY_AGAIN_S, make_archive, offer_archive
from devstack.native_kafka import VERSION, fetch_jars

_USELESS = """#!/bin/sh
echo "$*" >> "$(dirname "$0")/asked"
echo 'openjdk version "21.0.1"'
case "$*" in *kafka.Kafka*) echo 'no room for a heap'; exit 3 ;; esac
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


def test_jars_that_cannot_be_kept_are_told_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("SLUICE_CACHE", str(tmp_path / "file"))
    with pytest.raises(PartUnavailableError, match=r"cannot be kept in .*file \(.*SLUICE_CACHE"):
        fetch_jars()


def test_a_maven_that_cannot_be_run_is_not_told_as_the_cache_s_fault(
    java: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    maven = java.with_name("mvn")
    maven.write_text("#!/no/such/shell\n")
    maven.chmod(0o755)
    monkeypatch.setenv("PATH", str(java.parent), prepend=os.pathsep)
    monkeypatch.setenv("SLUICE_CACHE", str(java.parents[1] / "empty"))
    with pytest.raises(PartUnavailableError, match=r"mvn cannot be run \(No such file"):
        fetch_jars()


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


def trainings(java: Path) -> int:
    return (java.parent / "asked").read_text().count("kafka.Kafka ")


def note(java: Path) -> Path:
    return archive(java).with_name(f"{archive(java).name}.failed")


def move(path: Path, by_s: float) -> None:
    was = path.stat().st_mtime
    os.utime(path, (was + by_s, was + by_s))


def test_a_broker_that_makes_no_archive_is_not_tried_again(java: Path) -> None:
    for _ in range(2):
        with pytest.raises(PartUnavailableError, match="ended with 3"):
            make_archive()
    assert trainings(java) == 1
    java.write_text(_USELESS + "# another Java\n")
    with pytest.raises(PartUnavailableError, match="ended with 3"):
        make_archive()
    assert trainings(java) == 2


@pytest.mark.parametrize(
    ("moved_s", "again"),
    [(-TRY_AGAIN_S - 1, True), (-TRY_AGAIN_S + 600, False), (TRY_AGAIN_S, True)],
    ids=["a day ago", "less than a day ago", "by a clock that went wrong"],
)
def test_what_failed_is_tried_again_a_day_later(java: Path, moved_s: float, again: bool) -> None:
    offer_archive(["kafka"], lambda _: None)
    move(note(java), moved_s)
    offer_archive(["kafka"], lambda _: None)
    assert trainings(java) == 1 + again


def test_a_failure_is_told_with_what_the_broker_said_and_when_it_is_tried_again(java: Path) -> None:
    said: list[str] = []
    for _ in range(2):
        offer_archive(["kafka"], said.append)
    assert len(said) == 3
    assert said[0] == "making an archive of Kafka's classes, once (about 15 s)"
    for line in said[1:]:
        assert line.startswith("Kafka will start more slowly: ")
        assert "ended with 3; it said: no room for a heap" in line
    assert f"(tried again in 24 h, with another Java or Kafka, or once {note(java)}" in said[2]


def test_in_the_last_half_hour_the_next_try_is_not_told_as_in_no_time(java: Path) -> None:
    said: list[str] = []
    offer_archive(["kafka"], said.append)
    move(note(java), 600 - TRY_AGAIN_S)
    offer_archive(["kafka"], said.append)
    assert "(tried again in 1 h," in said[-1]


def test_no_archive_is_made_where_kafka_is_not_started_from_its_jars(java: Path) -> None:
    said: list[str] = []
    offer_archive(["postgres", "redis"], said.append)
    assert not said
    assert not (java.parent / "asked").exists()
