"""`make pins`: which of the pinned packages each service's image installs, with their hashes.

The root's requirements.txt pins everything, tests and linters included; an image wants what its
service imports. Writes `services/*/requirements.txt` and `deploy/build-requirements.txt` from the
dependencies of the service and of the members below it, at the versions of the root's file.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
ALSO = {"upload-api": ("sluice-cli",)}
"""The upload API's image also prepares schema, topics and tables, by the command line."""
BUILD = ("hatchling", "editables", "maturin")


def members() -> dict[str, Path]:
    """Return the folder of each member of the workspace by the name of its package."""
    files = [*ROOT.glob("libs/*/pyproject.toml"), *ROOT.glob("services/*/pyproject.toml")]
    return {_project(file)["name"]: file.parent for file in files}


def members_of(service: str) -> list[Path]:
    """Return the folders that a service's image needs, its own last."""
    folders = members()
    own = _project(ROOT / "services" / service / "pyproject.toml")["name"]
    found: dict[str, None] = {}

    def add(name: str) -> None:
        for requirement in _dependencies(folders[name]):
            if _name(requirement) in folders and _name(requirement) not in found:
                add(_name(requirement))
        found[name] = None

    for name in (*ALSO.get(service, ()), own):
        if name not in found:
            add(name)
    return [folders[name] for name in found]


def requirements_of(service: str) -> list[str]:
    """Return what a service's image needs from outside."""
    folders = members()
    wanted = {each for folder in members_of(service) for each in _dependencies(folder)}
    return sorted(each for each in wanted if _name(each) not in folders)


def _project(file: Path) -> dict[str, str]:
    project: dict[str, str] = tomllib.loads(file.read_text(encoding="utf-8"))["project"]
    return project


def _dependencies(folder: Path) -> list[str]:
    return list(_project(folder / "pyproject.toml").get("dependencies", []))


def _name(requirement: str) -> str:
    return re.split(r"[\[<>=~! ;]", requirement, maxsplit=1)[0]


def pins(wanted: list[str]) -> str:
    """Return these packages and theirs, pinned with hashes as the root's file pins them."""
    done = subprocess.run(  # noqa: S603 - our own tool, by its path
        [
            str(ROOT / ".venv/bin/uv"), "pip", "compile", "--quiet", "--universal",
            "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url", "--no-header",
            "--no-annotate", "--constraint", str(ROOT / "requirements.txt"), "-",
        ],
        input="\n".join(wanted), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout


def main() -> int:
    """Return the exit code."""
    for service in sorted(path.parent.name for path in ROOT.glob("services/*/pyproject.toml")):
        text = f"# What the image of {service} installs: `make pins`.\n"
        file = ROOT / "services" / service / "requirements.txt"
        file.write_text(text + pins(requirements_of(service)), encoding="utf-8")
    text = "# What builds the packages inside the images: `make pins`.\n" + pins(list(BUILD))
    (ROOT / "deploy/build-requirements.txt").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
