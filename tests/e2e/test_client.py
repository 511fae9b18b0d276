"""The Python client's own examples, run as they stand in its README."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from sluice_client import ApiProblem, SluiceClient

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Workbook
    from tests.road_client import RoadClient

    from devstack import Stack

README = Path(__file__).parents[2] / "libs" / "client" / "README.md"


def test_the_readme_s_examples_run(
    stack: Stack,
    client: RoadClient,
    orders: Callable[..., Workbook],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    del client  # it empties the table
    monkeypatch.chdir(tmp_path)
    user, password = stack.login
    names: dict[str, Any] = {
        "URL": stack.gateway,
        "USER": user,
        "PASSWORD": password,
        "FILE": orders(3_000, bad_share=0.01).path,
        "KEY": str(uuid4()),
    }
    examples = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert len(examples) == 3
    exec(examples[0], names)  # noqa: S102 - the README's own code
    out = capsys.readouterr().out
    assert "completed_with_errors 100 %" in out
    assert "bytes" in out
    assert (tmp_path / "failed-rows.xlsx").stat().st_size > 1000
    with SluiceClient.of(str(stack.gateway), user=user, password=password) as sluice:
        names["sluice"] = sluice
        exec(examples[1], names)  # noqa: S102
        exec(examples[2], names)  # noqa: S102
    assert "409 " in capsys.readouterr().out


def test_typed_answers_are_those_of_the_server(
    stack: Stack, client: RoadClient, orders: Callable[..., Workbook]
) -> None:
    job_id = client.upload(orders(3_000, bad_share=0.01).path, "orders")
    with SluiceClient.of(str(stack.gateway), token=client.token) as sluice:
        ended = sluice.wait(job_id)
        assert str(ended.job_id) == job_id
        assert ended.status == "completed_with_errors"
        assert ended.failed_rows == len({error.line for error in sluice.errors(job_id)})
        assert job_id in {str(job.job_id) for job in sluice.jobs(status=ended.status)}
        with pytest.raises(ApiProblem) as refused:
            list(sluice.dead_letters())
        assert (refused.value.status, refused.value.code) == (403, "OPERATOR_ONLY")
