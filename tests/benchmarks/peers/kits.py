"""What the peers run on, made on first use in the cache, never in the product's environment."""

from __future__ import annotations

import hashlib
import json
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.peers.catalog import Kit

from devstack.locations import cache_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.benchmarks.peers.catalog import Peer

HERE = Path(__file__).parent
REQUIREMENTS = HERE / "python" / "requirements.txt"
_PIN = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)
_ARTIFACT = re.compile(r"<artifactId>([^<]+)</artifactId><version>([^<]+)</version>")


def command(peer: Peer) -> list[str]:
    """Return how a peer is started, its kit being made when it is not there yet."""
    match peer.kit:
        case Kit.PYTHON:
            program = [str(python()), str(HERE / "python" / peer.arguments[0])]
        case Kit.NODE:
            program = [_program("node"), str(_node_folder() / peer.arguments[0])]
        case Kit.JAVA:
            program = [_program("java"), "-cp", _java_classpath(), peer.arguments[0]]
        case _:
            program = [sys.executable, str(HERE / peer.arguments[0])]
    return [*program, *peer.arguments[1:]]


def versions(peer: Peer) -> dict[str, str]:
    """Return what a peer runs on, with versions."""
    known: dict[str, str] = {}
    match peer.kit:
        case Kit.PYTHON:
            known = dict(_PIN.findall(REQUIREMENTS.read_text()))
        case Kit.NODE:
            known = json.loads((HERE / "node" / "package.json").read_text())["dependencies"]
            known["Node"] = _said([_program("node"), "--version"]).lstrip("v")
        case Kit.JAVA:
            known = dict(_ARTIFACT.findall((HERE / "java" / "pom.xml").read_text()))
            known["Java"] = _said([_program("java"), "--version"]).split()[1]
        case _:
            pass
    if peer.kit in {Kit.PYTHON, Kit.OURS}:
        known["Python"] = platform.python_version()
    return {
        name: known[name] for name in known if name in {*peer.packages, "Python", "Node", "Java"}
    }


def python() -> Path:
    """Return the interpreter that has the Python peers' packages, and matplotlib."""
    folder = _folder("python", [REQUIREMENTS])
    interpreter = folder / "bin" / "python"
    if _is_new(folder):
        _run([sys.executable, "-m", "venv", str(folder)])
        uv = [str(Path(sys.executable).parent / "uv"), "pip", "install", "--quiet"]
        _run([*uv, "--python", str(interpreter), "--require-hashes", "-r", str(REQUIREMENTS)])
        _done(folder)
    return interpreter


def _node_folder() -> Path:
    sources = sorted((HERE / "node").iterdir())
    folder = _folder("node", sources)
    if _is_new(folder):
        for source in sources:
            shutil.copy(source, folder)
        options = ["--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
        _run([_program("npm"), "install", *options], folder)
        _done(folder)
    return folder


def _java_classpath() -> str:
    sources = HERE / "java"
    folder = _folder("java", sorted(path for path in sources.rglob("*") if path.is_file()))
    built = folder / "target"
    if _is_new(folder):
        shutil.copytree(sources, folder, dirs_exist_ok=True)
        goals = ["package", "dependency:copy-dependencies", f"-DoutputDirectory={built / 'lib'}"]
        _run([_program("mvn"), "-q", "-B", *goals], folder)
        _done(folder)
    return f"{built / 'classes'}:{built / 'lib'}/*"


def _folder(kit: str, sources: Iterable[Path]) -> Path:
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.read_bytes())
    return cache_folder() / "peers" / f"{kit}-{digest.hexdigest()[:12]}"


def _is_new(folder: Path) -> bool:
    if (folder / ".done").exists():
        return False
    print(f"making {folder} …", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return True


def _done(folder: Path) -> None:
    (folder / ".done").touch()


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise SystemExit(f"this peer needs {name}: install it, or leave the peer out with PEERS=")
    return found


def _run(argv: Sequence[str], folder: Path | None = None) -> None:
    subprocess.run(argv, cwd=folder, check=True)


def _said(argv: Sequence[str]) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()
