"""Apache Kafka in KRaft mode, one node, straight from its jars on Maven Central."""

import base64
import os
import re
import shutil
import signal
import subprocess
import uuid
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path

from devstack.endpoints import Endpoint
from devstack.errors import PartUnavailableError
from devstack.install import JAVA, MAVEN, OLDEST_JAVA, find_on_path, require
from devstack.kafka_classes import archive_options
from devstack.locations import cache_folder
from devstack.locks import waiting_lock
from devstack.ports import PortBook
from devstack.service_spec import ServiceSpec

VERSION = "4.1.0"
# Measured: 250 to 300 MB resident, 2.2 s to start, 1.4 from an archive of its classes.
JVM_OPTIONS = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
_LOGGING = (
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
)
_FETCH_WITHIN_S = 480
_LAST_OF_ASCII = 0x7F


def jars_folder() -> Path:
    return cache_folder() / f"kafka-{VERSION}"


def jars_are_cached() -> bool:
    return (jars_folder() / f"kafka_2.13-{VERSION}.jar").exists()


def fetch_jars() -> Path:
    """The folder of jars, fetched by Maven on the first call (6 s, 43 MB).

    Raises:
        PartUnavailableError: Maven is missing or could not fetch, or the cache cannot be written.
    """
    target = jars_folder()
    if jars_are_cached():
        return target
    try:
        with waiting_lock(target.with_name(f"{target.name}.lock")):
            if not jars_are_cached():
                _fetch_into(target)
    except OSError as error:
        raise PartUnavailableError(
            f"Kafka's jars cannot be kept in {target.parent} ({error.strerror}): make it writable,"
            " or set SLUICE_CACHE to a folder that is"
        ) from error
    return target


def _with_java() -> dict[str, str]:
    """Our environment, which tells Maven of a Java that is off the PATH."""
    if find_on_path("java"):
        return dict(os.environ)
    return {**os.environ, "JAVA_HOME": str(require(JAVA).resolve().parents[1])}


def _fetch_into(target: Path) -> None:
    maven = require(MAVEN)
    work = target.with_name(f"{target.name}.{uuid.uuid4().hex[:8]}")
    work.mkdir()
    try:
        pom = work / "pom.xml"
        pom.write_bytes(resources.files("devstack").joinpath("data/kafka-pom.xml").read_bytes())
        done = _run_maven(maven, pom, work / "jars")
        if done.returncode:
            lines = (done.stdout + done.stderr).strip().splitlines()
            raise PartUnavailableError(
                f"Maven could not fetch Kafka {VERSION}: {lines[0] if lines else 'no output'}"
            )
        # Whole or not at all: an interrupted fetch must not look like a finished one.
        shutil.rmtree(target, ignore_errors=True)
        (work / "jars").rename(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _run_maven(maven: Path, pom: Path, jars: Path) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603 - fixed argv
            [str(maven), "-q", "-B", "-f", str(pom), "dependency:copy-dependencies",
             f"-DoutputDirectory={jars}", "-DincludeScope=runtime"],
            capture_output=True, text=True, check=False, timeout=_FETCH_WITHIN_S, env=_with_java(),
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise PartUnavailableError(
            f"Maven took more than {_FETCH_WITHIN_S} s to fetch Kafka"
        ) from error
    except OSError as error:
        raise PartUnavailableError(f"{maven} cannot be run ({error.strerror})") from error


def java() -> Path:
    """A Java that runs Kafka.

    Raises:
        PartUnavailableError: none is there, or it is too old.
    """
    found = require(JAVA)
    shown = subprocess.run([str(found), "-version"], capture_output=True, text=True, check=False)  # noqa: S603 - fixed argv
    version = re.search(r'version "(\d+)', shown.stderr + shown.stdout)
    if version is None or int(version[1]) < OLDEST_JAVA:
        raise PartUnavailableError(
            f"{found} is not Java {OLDEST_JAVA} or newer, which Kafka {VERSION} needs: "
            "install one, or set JAVA_HOME"
        )
    return found


def door_ports(ports: PortBook, door: str) -> tuple[int, int]:
    """Of a door: the port that clients are sent to, and the one where the broker listens."""
    return ports.port(f"kafka-{door}-outside"), ports.port(f"kafka-{door}-inside")


def properties(
    data: Path,
    port: int,
    controller_port: int,
    doors: Mapping[str, tuple[int, int]] | None = None,
) -> dict[str, str]:
    """The broker's settings: Kafka's own, but for what one small node needs otherwise."""
    names = {name.upper().replace("-", "_"): pair for name, pair in (doors or {}).items()}
    inside = "".join(f",{name}://127.0.0.1:{port}" for name, (_, port) in names.items())
    outside = "".join(f",{name}://127.0.0.1:{port}" for name, (port, _) in names.items())
    protocols = "".join(f",{name}:PLAINTEXT" for name in names)
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}"
        f"{inside}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}{outside}",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "PLAINTEXT",
        "listener.security.protocol.map": f"CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT{protocols}",
        "log.dirs": str(data),
        # A topic that springs up by a typo, with one partition, would hide the typo.
        "auto.create.topics.enable": "false",
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "8",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "4",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        # The default waits 3 s for more members before a group's first assignment.
        "group.initial.rebalance.delay.ms": "0",
        # The default of 128 MiB would be half of the heap.
        "log.cleaner.dedupe.buffer.size": "16777216",
        "num.network.threads": "2",
        "num.io.threads": "4",
    }


def native_kafka(
    folder: Path, ports: PortBook, doors: Sequence[str] = ()
) -> tuple[ServiceSpec, Endpoint]:
    """Prepare a broker whose data is in `folder`/kafka; formatted at the first time.

    Raises:
        PartUnavailableError: Java or the jars are not to be had, or formatting failed.
    """
    executable, jars = java(), fetch_jars()
    home = folder / "kafka"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    port, controller_port = ports.port("kafka"), ports.port("kafka-controller")
    settings = home / "server.properties"
    through = {door: door_ports(ports, door) for door in doors}
    values = properties(home / "data", port, controller_port, through)
    settings.write_text(as_text(values), encoding="ascii")
    archive = archive_options(executable, jars)
    command = [str(executable), *JVM_OPTIONS, *archive, *_LOGGING, "-cp", f"{jars}/*"]
    if not (home / "data" / "meta.properties").exists():
        _format(command, settings, _env(home))
    spec = ServiceSpec(
        name="kafka",
        argv=(*command, "kafka.Kafka", str(settings)),
        ready=f"kafka://127.0.0.1:{port}",
        env=_env(home),
        inherit_env=False,
        death_signal=signal.SIGTERM,  # it writes down where its log is clean
        cwd=home,
    )
    return spec, Endpoint("kafka", f"127.0.0.1:{port}", "native")


def as_text(values: Mapping[str, str]) -> str:
    """Settings as Java reads them: Latin-1, where a backslash begins what is written otherwise."""
    quoted = {key: value.replace("\\", "\\\\") for key, value in values.items()}
    lines = "".join(f"{key}={value}\n" for key, value in quoted.items())
    units = lines.encode("utf-16-be")
    codes = (int.from_bytes(units[at : at + 2]) for at in range(0, len(units), 2))
    return "".join(chr(code) if code <= _LAST_OF_ASCII else f"\\u{code:04x}" for code in codes)


def _env(home: Path) -> dict[str, str]:
    """A JVM names files by its locale: in that of C none with an umlaut in its path is found."""
    return {"PATH": os.defpath, "HOME": str(home), "LC_ALL": "C.UTF-8"}


def new_cluster_id() -> str:
    """16 random bytes in the form that Kafka wants, never beginning with a dash.

    The format tool takes such an id for an option; one in 64 random ids begins so.
    """
    while True:
        text = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not text.startswith("-"):
            return text


def _format(command: list[str], settings: Path, env: Mapping[str, str]) -> None:
    done = subprocess.run(  # noqa: S603 - fixed argv
        [*command, "kafka.tools.StorageTool", "format",
         "--cluster-id", new_cluster_id(), "--config", str(settings)],
        capture_output=True, text=True, check=False, timeout=60, env=dict(env),
    )  # fmt: skip
    if done.returncode:
        raise PartUnavailableError(f"Kafka's storage could not be formatted: {done.stderr.strip()}")
