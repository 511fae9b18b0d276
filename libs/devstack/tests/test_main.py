import json

import pytest

from devstack.__main__ import described, main, parsed_ports
from devstack.errors import StackError


def test_ports_are_given_by_name() -> None:
    assert parsed_ports(["gateway=8080", "redis=6380"]) == {"gateway": 8080, "redis": 6380}


@pytest.mark.parametrize("entry", ["8080", "gateway=", "=8080", "gateway=x", "gateway=70000"])
def test_a_port_that_is_not_one_is_refused(entry: str) -> None:
    with pytest.raises(StackError, match="write NAME=NUMBER"):
        parsed_ports([entry])


def test_status_of_a_stack_that_is_not_up_is_json_and_exit_code_1(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["status", "--name", "test-never", "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {"name": "test-never", "phase": "down"}


def test_an_error_is_one_message_and_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--name", "No Name"]) == 1
    assert "not a stack's name" in capsys.readouterr().err


def test_a_status_for_people_names_who_is_not_ready_and_who_was_restarted() -> None:
    writer = {"name": "writer", "pid": 7, "ready": False, "why_not_ready": "503", "restarts": 2}
    told = described(
        {"name": "demo", "phase": "ready", "gateway": "http://h", "processes": [writer]}
    )
    assert "gateway    http://h" in told
    assert "writer             pid 7, NOT ready: 503, restarted 2 times" in told
