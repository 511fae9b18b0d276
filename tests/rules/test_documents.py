"""Documents name what there is: commands, options, targets of make, files, pages, settings."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml
from tests.documents import (
    LANGUAGES,
    ROOT,
    SHELLS,
    Block,
    all_blocks,
    blocks_of,
    code_in_lines,
    documents,
    name_of,
    prose_of,
)

from cli.__main__ import sluice

BLOCKS = all_blocks()
DOCUMENTS = documents()
NOT_HERE = {"needs docker", "needs a cluster", "needs a registry", "needs a server"}
NOT_LISTED = {"README.md", "CHANGELOG.md"}
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_FILE = re.compile(r"(?:[\w.-]+/)+[\w.-]+\.(?:py|sql|sh|ya?ml|json|js|mjs|md|conf|lua|toml)")
_MAKE = re.compile(r"\bmake ([a-z][a-z0-9-]*)")


def by_place(block: Block) -> str:
    return block.place


def by_name(path: object) -> str:
    return name_of(path)  # type: ignore[arg-type]  # a Path of DOCUMENTS


def targets_of_make() -> set[str]:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    return set(re.findall(r"^([a-z][a-z0-9-]*):", makefile, re.MULTILINE))


@pytest.mark.parametrize("block", BLOCKS, ids=by_place)
def test_a_block_is_run_or_says_why_not(block: Block) -> None:
    assert block.language in LANGUAGES, "say what it is: ```sh, ```python … or ```text"
    mark = block.mark
    if mark is None:
        return
    if mark.startswith("by "):
        test = ROOT / mark.removeprefix("by ")
        assert test.is_file(), "the test that runs it is gone"
        assert re.search(r'"README\.md"|documents', test.read_text("utf-8")), "it does not read it"
    elif mark == "a fragment":
        assert block.language == "python"
    elif mark == "long":
        assert _MAKE.findall(block.commands)
    else:
        assert mark in NOT_HERE or block.ends_with is not None, "no such mark"
        assert block.language in SHELLS


@pytest.mark.parametrize("block", BLOCKS, ids=by_place)
def test_a_block_is_well_formed(block: Block) -> None:
    if block.language in SHELLS:
        done = subprocess.run(
            ["bash", "-n"], input=block.commands, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert set(_MAKE.findall(block.commands)) <= targets_of_make()
    elif block.language == "python":
        ast.parse(block.text)
    elif block.language == "json":
        json.loads(block.text)
    elif block.language == "yaml":
        yaml.safe_load(block.text)


def known_command(words: list[str]) -> str | None:
    """Say what is wrong with a command line of `sluice`, where it names no such thing.

    Synopses are understood: `[--an-option]`, `list | show`, `…`.
    """
    context = click.Context(sluice)
    command: click.Command = sluice
    flags = [word for word in words if word.startswith("-")]
    for word in (word for word in words if not word.startswith("-")):
        if not isinstance(command, click.Group):
            break
        found = command.get_command(context, word)
        if found is None:
            return f"{command.name} has no command {word!r}"
        command = found
    known = {option for each in command.params for option in (*each.opts, *each.secondary_opts)}
    unknown = {flag.partition("=")[0] for flag in flags} - known - {"-h", "--help", "--version"}
    return f"{command.name} has no {', '.join(sorted(unknown))}" if unknown else None


def command_lines(text: str) -> Iterator[list[str]]:
    """Yield the words behind each `sluice` of a text of code, alternatives apart."""
    text = re.sub(r"\$\((?!sluice|\.venv)[^)]*\)", "OTHER", text)
    for line in re.sub(r"\\\n\s*", " ", text).splitlines():
        for found in re.finditer(r"(?:^|[\s(])(?:\.venv/bin/)?sluice((?: [^|;&#)`]+)?)", line):
            words = re.sub(r"[\[\]{}]", " ", found[1]).split()
            yield [word for word in words if word not in {"…", "\\"} and word[0] not in "\"'"]


@pytest.mark.parametrize("path", DOCUMENTS, ids=by_name)
def test_a_document_names_commands_that_exist(path: object) -> None:
    text = by_text(path)
    codes = [code for code in code_in_lines(text) if code.startswith(("sluice ", ".venv/bin/sl"))]
    codes += [block.commands for block in BLOCKS if block.document == by_name(path) and
              block.language in SHELLS]  # fmt: skip
    faults = [fault for code in codes for words in command_lines(code) if
              (fault := known_command(words))]  # fmt: skip
    assert faults == []


def by_text(path: object) -> str:
    return (ROOT / by_name(path)).read_text("utf-8")


@pytest.mark.parametrize("path", DOCUMENTS, ids=by_name)
def test_a_document_names_programs_that_exist(path: object) -> None:
    codes = code_in_lines(by_text(path))
    made = {name for code in codes for name in _MAKE.findall(code) if code.startswith("make ")}
    assert made <= targets_of_make()
    modules = {name for code in codes for name in re.findall(r"python -m ([\w.]+)", code)}
    assert [name for name in modules if importlib.util.find_spec(name) is None] == []
    scripts = {name for code in codes for name in re.findall(r"python (\S+\.py)\b", code)}
    base = (ROOT / by_name(path)).parent
    assert [name for name in scripts if not any((at / name).is_file() for at in (ROOT, base))] == []


def is_there(name: str, base: Path) -> bool:
    """Tell whether a path is one of the project, of the document's folder, or of a source."""
    sources = (*base.glob("src/*"), *base.glob("src/*/static"), *ROOT.glob("libs/*/src"))
    places = (ROOT, base, *sources, *ROOT.glob("services/*/src/*"))
    return any((place / name).exists() for place in places)


@pytest.mark.parametrize("path", DOCUMENTS, ids=by_name)
def test_a_document_names_files_that_exist(path: object) -> None:
    if by_name(path) == "CHANGELOG.md":
        return  # it tells of what was
    base = (ROOT / by_name(path)).parent
    named = [code for code in code_in_lines(by_text(path)) if _FILE.fullmatch(code)]
    assert [name for name in named if not is_there(name, base)] == []


def every_command(command: click.Command, name: str = "") -> Iterator[str]:
    """Yield the names of all commands that do something, such as `jobs list`."""
    if not isinstance(command, click.Group):
        yield name
        return
    context = click.Context(command)
    for each in command.list_commands(context):
        below = command.get_command(context, each)
        assert below is not None
        yield from every_command(below, f"{name} {each}".strip())


def test_the_command_line_s_readme_names_every_command() -> None:
    codes = " ".join(code_in_lines((ROOT / "libs/cli/README.md").read_text("utf-8")))
    words = set(re.findall(r"[\w-]+", codes))
    assert [name for name in every_command(sluice) if not set(name.split()) <= words] == []


def anchors_of(text: str) -> set[str]:
    """Return the anchors that GitHub gives the headings of a document."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", t)) for t in titles)
    return {title.strip().lower().replace(" ", "-") for title in plain}


@pytest.mark.parametrize("path", DOCUMENTS, ids=by_name)
def test_links_and_pictures_lead_somewhere(path: object) -> None:
    base = (ROOT / by_name(path)).parent
    broken = []
    for link in _LINK.findall(prose_of(by_text(path))):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        name, _, anchor = link.partition("#")
        file = (base / name).resolve() if name else ROOT / by_name(path)
        has_headings = file.suffix == ".md" and bool(anchor)
        if not file.exists() or (
            has_headings and anchor not in anchors_of(file.read_text("utf-8"))
        ):
            broken.append(link)
    assert broken == []


def test_every_document_is_linked_from_another() -> None:
    linked = set()
    for path in DOCUMENTS:
        for link in _LINK.findall(prose_of(path.read_text("utf-8"))):
            target = (path.parent / link.partition("#")[0]).resolve()
            found = target / "README.md" if target.is_dir() else target
            linked |= {found} - {path}
    alone = [name_of(path) for path in DOCUMENTS if path not in linked]
    assert [name for name in alone if name not in NOT_LISTED] == []


def test_every_picture_is_shown() -> None:
    text = "".join(path.read_text("utf-8") for path in DOCUMENTS)
    kinds = ("*.png", "*.svg")
    pictures = [path.name for kind in kinds for path in (ROOT / "docs").rglob(kind)]
    assert [name for name in pictures if name not in text] == []


def test_a_mark_without_a_block_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"x\.md:2: a mark stands right before"):
        blocks_of("x.md", "<!-- run: long -->\ntext\n```sh\n```\n")
    with pytest.raises(ValueError, match=r"x\.md: its end has"):
        blocks_of("x.md", "<!-- run: long -->\n")


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("sluice jobs list --limit 5", None),
        ("sluice jobs [list] …", None),
        ("sluice jobs lst", "jobs has no command 'lst'"),
        ("sluice import x --dri-run", "import has no --dri-run"),
    ],
)
def test_the_rule_sees_a_wrong_command(line: str, fault: str | None) -> None:
    (words,) = command_lines(line)
    assert known_command(words) == fault
