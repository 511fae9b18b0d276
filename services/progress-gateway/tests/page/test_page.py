"""The page: its pure modules under Node, and what a strict content security policy asks of it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

HERE = Path(__file__).parent
STATIC = HERE.parents[1] / "src" / "progress_gateway" / "static"
MODULES = sorted(STATIC.rglob("*.js"))
NODE = shutil.which("node")
# These alone may remember something in the browser: language and theme, never a token
REMEMBER = {STATIC / "outside" / name for name in ("preferences.js", "first_paint.js")}
# Of these groups keys are put together from a name that comes from the server or the state
GROUPS = (
    *("status", "link", "phase", "imports", "mark", "theme", "code", "finish", "undo", "batch"),
    *("how", "type", "sign", "refusal", "why", "waiting"),
    *("part", "stage", "letters", "letterState", "cell", "outcome", "audit", "action"),
)
# What a person would read, written where it is shown instead of in `words/`
LITERALS = (
    r'\b(?:text|title|alt|label|placeholder): "[^"]*[^\W\d_][^"]*"',
    r'"aria-(?:label|valuetext|description)": "[^"]*[^\W\d_][^"]*"',
    r'\b(?:setText|append|replaceChildren)\((?:\w+, )?"[^"]*[^\W\d_][^"]*"',
    r'setAttribute\((?:\w+, )?"(?:aria-label|aria-valuetext|title|alt|placeholder)", "',
    r'"[A-Z][a-z]* [^"]*"',
)


def name_of(path: Path) -> str:
    return str(path.relative_to(STATIC))


class Markup(HTMLParser):
    """Collects what a strict policy forbids, and the addresses a document names."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.forbidden: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name: value or "" for name, value in attrs}
        self.forbidden += [name for name in names if name == "style" or name.startswith("on")]
        self.addresses += [names[name] for name in ("src", "href") if name in names]
        if tag == "style" or (tag == "script" and "src" not in names):
            self.forbidden.append(tag)


def markup_of(text: str) -> Markup:
    markup = Markup()
    markup.feed(text)
    return markup


@pytest.mark.skipif(NODE is None and "CI" not in os.environ, reason="Node is not installed")
def test_the_pure_modules_pass_their_own_tests() -> None:
    assert NODE is not None, "CI needs Node 20 or newer for the page's tests"
    tests = [str(path) for path in sorted(HERE.glob("*.test.mjs"))]
    run = subprocess.run(
        [NODE, "--test", *tests], capture_output=True, text=True, timeout=120, check=False
    )
    failed = run.stdout.find("not ok")
    assert run.returncode == 0, run.stdout[failed:][:4000] + run.stderr[-2000:]
    assert len(tests) >= 4


def test_the_document_needs_nothing_inline_and_nothing_from_elsewhere() -> None:
    markup = markup_of((STATIC / "index.html").read_text(encoding="utf-8"))
    assert markup.forbidden == []
    for address in markup.addresses:
        assert address.startswith("#") or (STATIC / address.removeprefix("/static/")).is_file()


def test_the_rule_sees_what_a_strict_policy_forbids() -> None:
    bad = '<p style="a" onclick="b"></p><script>1</script><style></style>'
    assert markup_of(bad).forbidden == ["style", "onclick", "script", "style"]


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_a_module_imports_only_what_is_here(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    for name in re.findall(r'from "([^"]+)"', text):
        assert name.startswith("."), f"{module.name} imports {name}"
        found = (module.parent / name).resolve()
        assert found in MODULES, f"{module.name} imports {name}"


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_what_is_pure_knows_no_browser(module: Path) -> None:
    """`model` is handed facts and the time, `words` makes texts; neither asks the world."""
    folder = name_of(module).split("/")[0]
    if folder not in {"model", "words"}:
        return
    text = module.read_text(encoding="utf-8")
    outer = (
        r"\b(?:document|window|fetch|setTimeout|setInterval|EventSource|Date\.now|performance)\b"
    )
    assert re.findall(outer, text) == []
    allowed = {"model": ("model",), "words": ("words", "model", "outside/api.js")}[folder]
    for name in re.findall(r'from "([^"]+)"', text):
        imported = name_of((module.parent / name).resolve())
        assert imported.startswith(allowed), f"{name_of(module)} imports {imported}"


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_a_module_makes_no_markup_from_text_and_keeps_no_token(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    words = r"innerHTML|outerHTML|insertAdjacentHTML|eval\("
    if module not in REMEMBER:
        words += "|localStorage|sessionStorage"
    assert re.findall(words + r"|document\.cookie|setAttribute\(\"style\"", text) == []


def literals_of(text: str) -> list[str]:
    code = re.sub(r't\("[\w.]+"', "t(", text)  # a text's key is no text
    return [found for pattern in LITERALS for found in re.findall(pattern, code)]


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_what_a_person_reads_is_among_the_words(module: Path) -> None:
    if name_of(module).split("/")[0] in {"parts", "pages", "app.js"}:
        assert literals_of(module.read_text(encoding="utf-8")) == []


def test_the_rule_sees_a_text_that_stands_in_a_part() -> None:
    for bad in (
        'el("p", { text: "Done" })',
        '{ "aria-label": "Progress" }',
        'setText(node, "Wait…")',
        'node.setAttribute("title", "x")',
        'el("p", {}, "No rows yet")',
    ):
        assert literals_of(bad), bad
    good = 'el("p", { class: "card notice", text: t("run.of") }); setText(node, t("run.of"))'
    assert literals_of(good) == []


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_a_number_is_written_in_the_language_of_the_page(module: Path) -> None:
    """Each format is handed its language; one that is left out would be found only when shown."""
    if name_of(module) == "model/format.js":
        return
    text = re.sub(r"(?ms)^import .*?;$", "", module.read_text(encoding="utf-8"))
    for call in re.finditer(r"\bformat[A-Z]\w+\(", text):
        rest = text[call.start() : call.start() + 160]
        assert re.search(r"\b(?:locale\(\)|language)\)", rest), rest.split("\n")[0]
    assert re.findall(r"\btoLocale\w*String\(\)", text) == []


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_a_module_says_what_it_is_and_is_short(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    assert text.startswith("/**")
    assert text.count("\n") <= 210


def test_no_address_of_another_host_is_in_any_file() -> None:
    for path in filter(Path.is_file, STATIC.rglob("*")):
        hosts = re.findall(r"https?://[^\"\s]+", path.read_text(encoding="utf-8"))
        assert set(hosts) <= {"http://www.w3.org/2000/svg"}, path.name


def test_a_class_is_given_its_look_in_one_stylesheet() -> None:
    """Two pages named a row of fields and the switch of languages alike, and broke the header."""
    homes: dict[str, set[str]] = {}
    for path in sorted((STATIC / "css").glob("*.css")):
        top = re.sub(r"(?s)@media.*?\n\}\n", "", path.read_text(encoding="utf-8"))
        for name in re.findall(r"^\.([\w-]+)(?: \{|,)$", top, re.MULTILINE):
            homes.setdefault(name, set()).add(path.name)
    assert {name: files for name, files in homes.items() if len(files) > 1} == {}


def test_every_text_is_there_and_used() -> None:
    english = sorted((STATIC / "words" / "en").glob("*.js"))
    texts = "".join(path.read_text(encoding="utf-8") for path in english)
    known = set(re.findall(r'^  "([\w.]+)":', texts, re.MULTILINE))
    code = "".join(
        path.read_text(encoding="utf-8") for path in MODULES if len(path.parent.name) > 2
    )
    quoted = set(re.findall(r'"([a-z]\w*\.\w+)"', code))
    groups = tuple(f"{name}." for name in GROUPS)
    used = {key for key in quoted if key.split(".")[0] in {k.split(".")[0] for k in known}}
    assert used - known - {"format.js"} == set()
    unused = {key for key in known - used if not key.startswith(groups)}
    assert {key for key in unused if not key.endswith(".one")} == set()
