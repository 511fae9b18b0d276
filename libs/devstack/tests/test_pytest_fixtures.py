"""The plugin in a run of pytest of its own, where no infrastructure is to be had."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

_TESTS = """
def test_that_needs_redis(redis_url): pass
def test_that_needs_nothing(): pass
"""


def run_pytest(
    folder: Path, *arguments: str, tests: str = _TESTS, **env: str
) -> subprocess.CompletedProcess[str]:
    (folder / "test_sample.py").write_text(tests)
    (folder / "pytest.ini").write_text(
        "[pytest]\naddopts = --strict-markers\nmarkers =\n  redis: x\n  broker: x\n"
        "  postgres: x\n  docker: x\n  stack: x\n"
    )
    kept = {
        key: value
        for key, value in os.environ.items()
        if key not in ("CI", "REQUIRE_INFRA", "SLUICE_REDIS_URL", "STACK")
    }
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "devstack.pytest_fixtures", "-rs", *arguments],
        cwd=folder,
        env={**kept, "SLUICE_STACKS": str(folder / "stacks"), **env},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


# An engine that cannot be there: this is how a machine without infrastructure looks.
NOTHING = {"STACK": "docker", "DOCKER_HOST": "unix:///nonexistent/docker.sock"}


def test_on_a_laptop_what_is_missing_skips_with_the_reason(tmp_path: Path) -> None:
    run = run_pytest(tmp_path, **NOTHING)
    assert "1 passed, 1 skipped" in run.stdout
    assert "STACK=docker is set, and:" in run.stdout
    assert run.returncode == 0


@pytest.mark.parametrize("promise", ["CI", "REQUIRE_INFRA"])
def test_where_infrastructure_is_promised_what_is_missing_fails(
    tmp_path: Path, promise: str
) -> None:
    run = run_pytest(tmp_path, **NOTHING, **{promise: "1"})
    assert "1 passed, 1 error" in run.stdout
    assert "infrastructure is required here, and missing" in run.stdout
    assert run.returncode == 1


def test_fixtures_put_on_markers_by_which_tests_can_be_chosen(tmp_path: Path) -> None:
    run = run_pytest(tmp_path, "-m", "redis", **NOTHING)
    assert "1 skipped, 1 deselected" in run.stdout


def test_an_address_that_is_given_is_used_and_named_in_the_header(tmp_path: Path) -> None:
    url = "redis://127.0.0.1:1/0"
    run = run_pytest(tmp_path, SLUICE_REDIS_URL=url)
    assert "redis from SLUICE_REDIS_URL" in run.stdout
    assert "the redis given in the environment fails: 127.0.0.1:1 does not accept" in run.stdout


def test_a_redis_that_is_given_is_not_emptied(tmp_path: Path, redis_url: str) -> None:
    tests = "def test_that_counts_all(empty_redis_url): pass"
    run = run_pytest(tmp_path, tests=tests, SLUICE_REDIS_URL=redis_url)
    assert "1 skipped" in run.stdout
    assert "would empty database 15 of the Redis that is given" in run.stdout


def test_the_header_tells_the_road_of_each_part(tmp_path: Path) -> None:
    run = run_pytest(tmp_path, **NOTHING)
    assert "infrastructure: kafka in Docker, postgres in Docker, redis in Docker" in run.stdout
