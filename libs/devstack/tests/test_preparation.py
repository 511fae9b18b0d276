import sys
from pathlib import Path

import pytest

from devstack.errors import StackError
from devstack.preparation import prepare
from devstack.services import Preparation


def command(code: str, name: str = "schema") -> Preparation:
    return Preparation(name=name, argv=(sys.executable, "-S", "-c", code), env={"WHAT": "done"})


def test_commands_run_in_order_with_their_environment(tmp_path: Path) -> None:
    noted = tmp_path / "noted"
    note = f"import os; open({str(noted)!r}, 'a').write('%s ' + os.environ['WHAT'] + '\\n')"
    prepare([command(note % "one"), command(note % "two", "topics")], tmp_path)
    assert noted.read_text() == "one done\ntwo done\n"


def test_a_command_that_fails_ends_it_with_its_last_lines(tmp_path: Path) -> None:
    fails = command("print('relation exists'); raise SystemExit(3)")
    never = command(f"open({str(tmp_path / 'never')!r}, 'w')", "topics")
    with pytest.raises(StackError, match=r"(?s)schema failed with code 3.*relation exists"):
        prepare([fails, never], tmp_path)
    assert not (tmp_path / "never").exists()


def test_a_command_that_hangs_is_ended(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="did not end within 1 s"):
        prepare([command("import time; time.sleep(600)")], tmp_path, within_s=1)
