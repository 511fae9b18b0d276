"""`make check-deploy`: do what a Dockerfile does, step by step, where no Docker engine is.

Each stage becomes a folder; `COPY` copies, `RUN` runs in a shell with the image's absolute paths
turned into the stage's own. The base image is this machine, so what `apt-get` would install must be
here. It shows that every step works, and that what was installed starts; not that an image does.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLACES = ("/opt/", "/src", "/wheels", "/data", "/etc/sluice")
"""What our images write to; everything else in a command is this machine's."""
SKIPPED = ("apt-get", "useradd", "install -d -o")
"""Steps that would change this machine."""
COMPILED = {
    "writer": "from writer.adapters.compiled_rows import ENCODER_NAME as name",
    "parser": "from xlsx_reader.compiled import READER_NAME as name",
    "upload-api": "from xlsx_reader.compiled import READER_NAME as name",
}
"""Where a service says whether it works by the compiled code that its image has."""


@dataclass(slots=True)
class Stage:
    """A stage's folder, in the place of its root."""

    root: Path
    workdir: str = "/"
    env: dict[str, str] = field(default_factory=dict)

    def here(self, path: str) -> Path:
        """Return where a path of the image is."""
        inside = path if path.startswith("/") else f"{self.workdir}/{path}"
        return self.root / inside.lstrip("/")

    def turned(self, command: str) -> str:
        """Return a command with the image's places turned into the stage's."""
        for place in PLACES:
            command = re.sub(rf"(?<![\w./]){re.escape(place)}", f"{self.root}{place}", command)
        return command


def instructions(dockerfile: Path) -> list[tuple[str, str]]:
    """Return (instruction, argument) of each step."""
    text = re.sub(r"(?m)^\s*#.*\n", "", dockerfile.read_text(encoding="utf-8"))
    lines = re.sub(r"\\\n", " ", text).splitlines()
    return [
        (name, rest) for line in lines if line.strip() for name, _, rest in [line.partition(" ")]
    ]


def replay(dockerfile: Path, folder: Path) -> Stage:
    """Return the last stage.

    Raises:
        SystemExit: a step failed; its output is above.
    """
    stages: dict[str, Stage] = {}
    stage = Stage(folder)
    for number, (name, rest) in enumerate(instructions(dockerfile)):
        print(f"  {name} {rest[:110]}", flush=True)
        if name == "FROM":
            stage = Stage(folder / str(number))
            stage.root.mkdir(parents=True)
            stages[rest.partition(" AS ")[2] or "last"] = stage
        elif name == "WORKDIR":
            stage.workdir = rest
            stage.here(rest).mkdir(parents=True, exist_ok=True)
        elif name == "COPY":
            _copy(stage, stages, rest.split())
        elif name == "RUN":
            _run(stage, rest)
        elif name == "ENV":
            stage.env |= dict(pair.split("=", 1) for pair in rest.split())
    return stages["last"]


def _copy(stage: Stage, stages: dict[str, Stage], words: list[str]) -> None:
    origin = lambda path: ROOT / path  # noqa: E731 - one of two
    if words[0].startswith("--from="):
        origin = stages[words.pop(0).removeprefix("--from=")].here
    *sources, target = words
    for source in map(origin, sources):
        to = stage.here(target)
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "target", "*.egg-info")
            shutil.copytree(source, to, symlinks=True, dirs_exist_ok=True, ignore=ignored)
        else:
            into = to / source.name if target.endswith("/") else to
            into.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, into)


def _run(stage: Stage, command: str) -> None:
    steps = [part for part in command.split("&&") if not any(word in part for word in SKIPPED)]
    turned = stage.turned("&&".join(part for part in steps if "rm -rf /var" not in part)).strip()
    if not turned:
        return
    # The image's python3 is Debian's; here it is the one that runs this
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    cwd = stage.here(stage.workdir)
    cwd.mkdir(parents=True, exist_ok=True)
    shell = ["/bin/bash", "-c", turned]
    done = subprocess.run(shell, cwd=cwd, env={**os.environ, "PATH": path}, check=False)  # noqa: S603 - the Dockerfile's own words
    if done.returncode:
        raise SystemExit(f"this step failed: {turned}")


def starts(stage: Stage, service: str) -> None:
    """Start what was installed, without any setting: it must refuse, and name what is missing."""
    module = service.replace("-", "_")
    python = stage.here("/opt/sluice/bin/python")
    # The copied environment knows its first place: its packages are named here
    packages = next(stage.here("/opt/sluice/lib").glob("python3*/site-packages"))

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - what was built
            [str(python), "-S", *arguments], env={"PYTHONPATH": str(packages)},
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    done = run("-m", module, *(["http"] if service == "progress-gateway" else []))
    said = done.stdout + done.stderr
    if done.returncode == 0 or "SLUICE_DATABASE_URL" not in said:
        raise SystemExit(f"{service} did not ask for its settings: {said[-2000:]}")
    print(f"  starts, and asks for its settings: {said.strip().splitlines()[-1][:100]}")
    if code := COMPILED.get(service):
        done = run("-c", f"{code}; print(name)")
        if done.stdout != "rust\n":
            raise SystemExit(
                f"{service} runs without its compiled code: {done.stdout}{done.stderr}"
            )
        print("  works by its compiled code")


def replay_all(services: list[str]) -> None:
    """Replay the Dockerfiles of these services, of all when none is named."""
    found = [path.parent.name for path in ROOT.glob("services/*/Dockerfile")]
    for service in services or sorted(found):
        print(service)
        with tempfile.TemporaryDirectory() as folder:
            last = replay(ROOT / "services" / service / "Dockerfile", Path(folder))
            starts(last, service)


def main() -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("services", nargs="*")
    replay_all(parser.parse_args().services)
    return 0


if __name__ == "__main__":
    sys.exit(main())
