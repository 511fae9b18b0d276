"""Types what a document says into one shell, in a scratch folder that looks like the project's."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.documents import ROOT, Block

from devstack.install import find_postgres_bin

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from devstack import Stack

STUCK_S = 240
_BEGIN = re.compile(r"^<<< (\S+)$", re.MULTILINE)


def looks_like(line: str) -> str:
    """Return a pattern for a line of output: words as they stand, whatever has digits, `…`."""
    words = []
    for word in line.split():
        if word == "…":
            words.append(".*")
        else:
            words.append(r"\S+" if re.search(r"\d", word) else re.escape(word))
    return r"\s+".join(words)


def script_of(blocks: Iterable[Block]) -> str:
    """Return the blocks as one program, which ends at the first command that fails."""
    parts = ["set -euo pipefail"]
    for block in blocks:
        typed = f"python - <<'END OF PYTHON'\n{block.text}END OF PYTHON\n"
        typed = block.commands if block.language != "python" else typed
        parts.append(f"echo; echo '<<< {block.place}'")
        if block.ends_with:
            parts += ["set +e", typed, "status=$?; set -e", f"[ $status = {block.ends_with} ]"]
        else:
            parts.append(typed)
    return "\n".join(parts)


@dataclass(frozen=True, slots=True)
class DocumentShell:
    """A folder with links to all that the project's root holds, but for what a stack keeps."""

    folder: Path
    stack: Stack
    is_an_operator_s: bool = False

    def __post_init__(self) -> None:
        for path in ROOT.iterdir():
            if path.name not in {".sluice", ".git", "targets", ".venv"}:
                (self.folder / path.name).symlink_to(path)
        (self.folder / "targets").symlink_to(self.stack.folder / "targets")
        (self.folder / ".venv").symlink_to(sys.prefix)
        (self.folder / "stacks").mkdir()
        (self.folder / "stacks" / "demo").symlink_to(self.stack.folder)

    def environment(self) -> dict[str, str]:
        """What somebody's terminal has who has run `make up`: the stack is found by its name.

        An operator's also has what the services are told.
        """
        programs = [str(Path(sys.prefix) / "bin"), str(find_postgres_bin())]
        jwt_secret = str(self.stack.folder / "jwt.secret")
        of_operators = {
            "SLUICE_ENVIRONMENT": "demo",
            "SLUICE_DATABASE_URL": self.stack.database_url,
            "SLUICE_KAFKA_BOOTSTRAP": self.stack.kafka_bootstrap,
            "SLUICE_JWT_SECRET_FILE": jwt_secret,
        }
        return (of_operators if self.is_an_operator_s else {}) | {
            "PATH": os.pathsep.join([*programs, os.environ["PATH"]]),
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "COLUMNS": "200",
            "SLUICE_STACKS": str(self.folder / "stacks"),
            "SLUICE_TARGETS_DIR": str(self.folder / "targets"),
        }

    def run(self, blocks: Sequence[Block]) -> dict[str, str]:
        """Type the blocks; return what each of them showed, by its place.

        Raises:
            AssertionError: a command failed; the message has its block and what it said.
        """
        done = subprocess.run(
            ["bash", "-c", script_of(blocks)], cwd=self.folder, env=self.environment(),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=STUCK_S, check=False,
        )  # fmt: skip
        said = _BEGIN.split(done.stdout.decode())[1:]
        shown = dict(zip(said[::2], said[1::2], strict=True))
        last = next(reversed(shown), "the start")
        assert done.returncode == 0, f"{last} ends with {done.returncode}: {shown.get(last)}"
        return shown
