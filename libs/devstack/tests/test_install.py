from dataclasses import replace
from pathlib import Path

import pytest

from devstack import install
from devstack.errors import PartUnavailableError
from devstack.install import JAVA, POSTGRES, PROGRAMS, find_on_path, missing_message, require


def test_everything_missing_is_named_in_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    message = missing_message(PROGRAMS)
    for program in PROGRAMS:
        assert program.name in message
    assert "SLUICE_DATABASE_URL" in message
    assert "STACK=docker" in message


def test_where_apt_is_the_message_gives_its_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    apt = tmp_path / "apt-get"
    apt.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "apt-get install default-jre-headless postgresql`" in missing_message([JAVA, POSTGRES])


def test_where_apt_is_not_the_message_does_not_speak_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "apt-get" not in missing_message([JAVA])
    assert find_on_path("java") is None


def test_a_java_off_the_path_is_found_where_its_packages_put_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(install, "JVMS", tmp_path)
    assert install.find_java() is None
    for folder in ("temurin-25-jdk-amd64", "java-1.17.0-openjdk-amd64", "java-11-openjdk-amd64"):
        java = tmp_path / folder / "bin" / "java"
        java.parent.mkdir(parents=True)
        java.touch()
    assert install.find_java() == tmp_path / "java-1.17.0-openjdk-amd64" / "bin" / "java"


def test_a_missing_program_closes_the_native_road_with_its_name() -> None:
    with pytest.raises(PartUnavailableError, match=r"java .* is not installed"):
        require(replace(JAVA, find=lambda: None))


def test_a_missing_browser_is_told_and_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    said: list[str] = []
    install.install_missing((), said.append)
    assert [line for line in said if "no Chromium" in line]
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "browser"))
    assert install.find_chromium() == tmp_path / "browser"
    install.install_missing((), said.append)
    assert said[-1] == "nothing is missing"
