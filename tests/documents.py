"""What the documents hold: blocks of commands and code with their marks, and code within a line.

A mark is a comment right before a block and says why it is not run as it stands:

    <!-- run: needs docker -->           also: a cluster, a registry, a server; only its syntax
                                         is checked
    <!-- run: long -->                   `make` targets that take minutes; they must exist
    <!-- run: a fragment -->             Python that needs names from around it; it is compiled
    <!-- run: by tests/e2e/test_x.py --> another test runs it, and reads it from this document
    <!-- run: ends with 1 -->            it is run, and its last command ends so
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PATTERNS = (
    "*.md", "docs/**/*.md", "deploy/**/README.md", "services/*/README.md", "libs/*/README.md",
    "examples/*/README.md",
)  # fmt: skip
SHELLS = frozenset({"sh", "bash", "console"})
LANGUAGES = SHELLS | {"python", "json", "yaml", "sql", "mermaid", "text"}
_FENCE = re.compile(r"^( *)```(\S*)\s*$")
_MARK = re.compile(r"^ *<!-- run: (.+) -->$")
_IN_LINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One fenced block; `line` is where it begins, `mark` what the comment before it says.

    One that is part of a list is indented, its text here is not.
    """

    document: str
    line: int
    language: str
    text: str
    mark: str | None = None

    @property
    def place(self) -> str:
        return f"{self.document}:{self.line}"

    @property
    def ends_with(self) -> int | None:
        """Which status its last command ends with, when the block is run; None when it is not."""
        if self.mark is None:
            return 0
        found = re.fullmatch(r"ends with (\d+)", self.mark)
        return int(found[1]) if found else None

    @property
    def runs_in_a_shell(self) -> bool:
        return self.language in SHELLS and self.ends_with is not None

    @property
    def commands(self) -> str:
        """What is typed: of a console the lines behind its prompt."""
        if self.language != "console":
            return self.text
        typed = [line[2:] for line in self.text.splitlines() if line.startswith("$ ")]
        return "\n".join(typed) + "\n"

    @property
    def shown(self) -> list[str]:
        """What a console shows below its commands."""
        lines = self.text.splitlines() if self.language == "console" else []
        return [line for line in lines if line.strip() and not line.startswith("$ ")]


@cache
def documents() -> tuple[Path, ...]:
    """Return every document whose blocks count."""
    found = {path for pattern in PATTERNS for path in ROOT.glob(pattern)}
    return tuple(sorted(found))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def blocks_of(name: str, text: str) -> list[Block]:
    """Return the blocks of a document.

    Raises:
        ValueError: a mark without a block, or a block that does not end.
    """
    found: list[Block] = []
    held: list[str] = []
    mark: str | None = None
    fence: tuple[int, str, int] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if fence is not None:
            if line.strip() != "```":
                held.append(line[fence[2] :])
                continue
            body = "".join(f"{each}\n" for each in held)
            found.append(
                Block(document=name, line=fence[0], language=fence[1], text=body, mark=mark)
            )
            fence, held, mark = None, [], None
        elif opened := _FENCE.match(line):
            fence = (number, opened[2], len(opened[1]))
        elif marked := _MARK.match(line):
            mark = marked[1]
        elif mark is not None:
            raise ValueError(f"{name}:{number}: a mark stands right before its block")
    if fence is not None or mark is not None:
        raise ValueError(f"{name}: its end has a mark without a block, or an open one")
    return found


@cache
def all_blocks() -> tuple[Block, ...]:
    return tuple(
        block for path in documents() for block in blocks_of(name_of(path), path.read_text("utf-8"))
    )


def prose_of(text: str) -> str:
    """Return a document's text without its blocks, line by line in its place."""
    kept: list[str] = []
    within = False
    for line in text.splitlines():
        fenced = line.lstrip().startswith("```")
        kept.append("" if within or fenced else line)
        within ^= fenced
    return "\n".join(kept)


def code_in_lines(text: str) -> list[str]:
    """Return what stands in single backticks outside of blocks, in order."""
    return [found.replace("\\|", "|") for found in _IN_LINE.findall(prose_of(text))]
