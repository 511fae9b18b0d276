import json
import logging

import pytest
import structlog

from sluice.logging import configure_logging
from sluice.settings import Settings

FORGED = 'x\r\n{"level": "error", "event": "forged"}\x1b[2J\u2028'


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_value_begins_no_line_of_its_own(
    log_format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    try:
        configure_logging("test", Settings.from_env({"SLUICE_LOG_FORMAT": log_format}))
        structlog.get_logger("a").warning("told", file_name=FORGED)
        logging.getLogger("library").warning("of a library: %s", FORGED)
    finally:
        root.handlers[:], root.level = before
        structlog.reset_defaults()
        structlog.contextvars.clear_contextvars()
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert "\x1b[2J" not in "".join(lines)
    if log_format == "json":
        assert json.loads(lines[0])["file_name"] == FORGED
