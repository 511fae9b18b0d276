"""Every setting is documented, and every documented variable is one that something reads."""

from __future__ import annotations

import re
import subprocess
from functools import cache

import pytest
from scripts.write_settings_docs import PAGE, PROCESSES, fields, own_fields, page
from tests.documents import ROOT, documents, name_of

from sluice.errors import SettingsError
from sluice.setting_values import may_be_in_a_file
from sluice.settings import PREFIX

READMES = {
    process: ROOT / "services" / folder / "README.md"
    for process, folder in {
        "upload-api": "upload-api",
        "parser": "parser",
        "writer": "writer",
        "fold": "progress-gateway",
        "settler": "progress-gateway",
        "gateway": "progress-gateway",
    }.items()
}
_NAME = re.compile(r"\bSLUICE_[A-Z0-9_]*[A-Z0-9](?:_(?:…|\*))?")

_READ = re.compile(r"""environ(?:\.get\(|\[)["'](SLUICE_\w+)""")
ONLY_SAID = frozenset(
    PREFIX + name.upper()
    for name, of in fields().items()
    if not all(map(may_be_in_a_file, of.values()))
)


def names_in(text: str) -> set[str]:
    """Return the variables that a text names; `SLUICE_S3_…` stands for all that begin so."""
    return set(_NAME.findall(text))


def is_among(name: str, known: set[str]) -> bool:
    if name[-1] in "…*":
        return any(each.startswith(name[:-1]) for each in known)
    return name in known


@cache
def settings() -> frozenset[str]:
    """Return the variables of all settings, in each form that is read: `…_FILE` not of all."""
    of = {
        PREFIX + name.upper(): field for name, each in fields().items() for field in each.values()
    }
    return frozenset(of) | {f"{name}_FILE" for name, field in of.items() if may_be_in_a_file(field)}


def listed(*patterns: str) -> list[str]:
    return subprocess.run(
        ["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()


@cache
def read_somewhere() -> frozenset[str]:
    """Return the settings, and each variable that a program, a test or a deployment names."""
    found = set(settings())
    for name in listed("*.py", "*.sh", "*.yml", "*.yaml", "*.mjs", "Makefile"):
        found |= names_in((ROOT / name).read_text("utf-8"))
    return frozenset(found)


@cache
def sources() -> str:
    """Return the code of all programs, but that of tests."""
    names = listed("libs/*/src/**.py", "services/*/src/**.py", "scripts/*.py", "scripts/*.sh")
    return "\n".join((ROOT / name).read_text("utf-8") for name in names)


def test_the_page_is_what_the_classes_say() -> None:
    assert PAGE.read_text("utf-8") == page(), "run `python scripts/write_settings_docs.py`"


@pytest.mark.parametrize("process", PROCESSES)
def test_a_service_s_readme_names_its_own_settings(process: str) -> None:
    named = names_in(READMES[process].read_text("utf-8"))
    patterns = {name[:-1] for name in named if name[-1] in "…*"}
    missing = [
        name
        for name in sorted(own_fields(process) - named)
        if not any(name.startswith(pattern) for pattern in patterns)
    ]
    assert missing == []
    assert "settings.md" in READMES[process].read_text("utf-8")


@pytest.mark.parametrize("path", documents(), ids=name_of)
def test_a_document_names_variables_that_something_reads(path: object) -> None:
    text = (ROOT / name_of(path)).read_text("utf-8")  # type: ignore[arg-type]  # a Path
    known = set(read_somewhere())
    assert [name for name in sorted(names_in(text)) if not is_among(name, known)] == []


@pytest.mark.parametrize(
    ("process", "variable"),
    [
        ("writer", "SLUICE_ENCODER"),
        ("parser", "SLUICE_READER"),
        ("upload-api", "SLUICE_READER"),
    ],
)
def test_a_misspelt_way_to_do_without_compiled_code_is_told_at_the_start(
    process: str, variable: str
) -> None:
    """Together with every other fault; it must not mean the compiled code."""
    with pytest.raises(SettingsError) as caught:
        PROCESSES[process].from_env({variable: "pyhton"})
    assert f"{variable}: " in str(caught.value)
    assert "SLUICE_DATABASE_URL is not set" in str(caught.value)


@pytest.mark.parametrize(
    ("process", "variable"),
    [(process, name) for process in PROCESSES for name in sorted(ONLY_SAID & own_fields(process))],
)
def test_a_file_for_what_only_a_variable_says_is_refused(process: str, variable: str) -> None:
    """It would be taken for the setting, and have no effect: the library reads the variable."""
    with pytest.raises(SettingsError) as caught:
        PROCESSES[process].from_env({f"{variable}_FILE": "/there"})
    assert f"{variable}_FILE is read by nothing: set {variable} itself" in str(caught.value)
    assert "cannot read" not in str(caught.value)


def test_only_what_a_library_reads_by_itself_is_in_no_file() -> None:
    found = set()
    for name in listed("libs/*/src/**.py", "services/*/src/**.py"):
        if not name.startswith(("libs/cli", "libs/devstack")):
            found |= set(_READ.findall((ROOT / name).read_text("utf-8")))
    assert found & settings() == ONLY_SAID


def test_a_variable_that_a_program_names_is_documented() -> None:
    documented = set().union(*(names_in(path.read_text("utf-8")) for path in documents()))
    named = {name.removesuffix("_FILE") for name in names_in(sources()) if name[-1] not in "…*"}
    assert named - documented == set()


def test_the_rule_sees_a_variable_that_nothing_reads() -> None:
    assert not is_among(PREFIX + "NO_SUCH_THING", set(read_somewhere()))
    assert is_among("SLUICE_DATABASE_URL_FILE", set(read_somewhere()))
    assert not is_among(PREFIX + "ENCODER_FILE", set(read_somewhere()))
