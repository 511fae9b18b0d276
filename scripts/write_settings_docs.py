"""Write docs/settings.md: every variable that a process accepts, from its settings."""

from __future__ import annotations

import sys
from pathlib import Path

from pydantic.fields import FieldInfo

from parser.settings import ParserSettings
from progress_gateway.settings import FoldSettings, GatewaySettings, SettlerSettings
from sluice.settings import PREFIX, DatabaseSettings, KafkaSettings, Settings
from upload_api.settings import UploadApiSettings
from writer.settings import WriterSettings

PAGE = Path(__file__).resolve().parents[1] / "docs" / "settings.md"
PROCESSES: dict[str, type[Settings]] = {
    "upload-api": UploadApiSettings,
    "parser": ParserSettings,
    "writer": WriterSettings,
    "fold": FoldSettings,
    "settler": SettlerSettings,
    "gateway": GatewaySettings,
}
FOR_ALL = frozenset(Settings.model_fields)
SHARED = FOR_ALL.union(KafkaSettings.model_fields, DatabaseSettings.model_fields)
HEAD = """\
# Settings

Every process reads its settings from the environment once, checks them all at the start, and
names every fault in one message. A variable with our prefix that a process does not know is left
alone, so that processes may share one environment. Each may be given as a file instead, but two:
`SLUICE_DATABASE_URL_FILE` names a file that holds what `SLUICE_DATABASE_URL` would say.

A process in bold must be told. Made by `scripts/write_settings_docs.py`; what they are for is in
the READMEs of [upload-api](../services/upload-api/README.md),
[parser](../services/parser/README.md), [writer](../services/writer/README.md) and
[progress-gateway](../services/progress-gateway/README.md), and how to lock things down in
[deploy](../deploy/README.md).

| variable | default | processes | what |
|---|---|---|---|
"""


def fields() -> dict[str, dict[str, FieldInfo]]:
    """Return every setting, as each process that knows it has it."""
    found: dict[str, dict[str, FieldInfo]] = {}
    for process, settings in PROCESSES.items():
        for name, field in settings.model_fields.items():
            found.setdefault(name, {})[process] = field
    return found


def own_fields(process: str) -> set[str]:
    """Return the variables of a process beside those that most processes share."""
    return {PREFIX + name.upper() for name in PROCESSES[process].model_fields.keys() - SHARED}


def page() -> str:
    """Return the page's text."""
    return HEAD + "".join(_row(name, of) for name, of in sorted(fields().items()))


def _row(name: str, of: dict[str, FieldInfo]) -> str:
    told = ", ".join(
        f"**{process}**" if field.is_required() else process for process, field in of.items()
    )
    is_common = len(of) == len(PROCESSES) and not any(map(FieldInfo.is_required, of.values()))
    optional = [field for field in of.values() if not field.is_required()]
    what = max((field.description or "" for field in of.values()), key=len).replace("|", "\\|")
    default = _default(optional[0]) if optional else ""
    return f"| `{PREFIX}{name.upper()}` | {default} | {'all' if is_common else told} | {what} |\n"


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is None:
        return "none"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`" if value != "" else ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.exit(0)
