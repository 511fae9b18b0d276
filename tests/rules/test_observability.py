"""Alert rules, dashboard and runbook name what there is: metrics of the code, and each other."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml
from tests.rules.metrics_of_the_code import ROOT, documented_metrics

FOLDER = ROOT / "deploy" / "observability"
RULES = FOLDER / "alerts.yml"
RUNBOOK = ROOT / "docs" / "operations.md"
PROMTOOL = shutil.which("promtool")
_PARTS = re.compile(r"_(bucket|sum|count)$")


def alerts() -> list[dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def queries_of_the_dashboard() -> list[str]:
    panels = json.loads((FOLDER / "dashboard.json").read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel.get("targets", ())]


def metrics_in(query: str) -> set[str]:
    """Return our metrics in a query, a histogram by its own name; labels' values are left out."""
    return {
        _PARTS.sub("", name) for name in re.findall(r"sluice_\w+", re.sub(r'"[^"]*"', "", query))
    }


def metrics_of_the_document() -> set[str]:
    return {_PARTS.sub("", metric.name) for metric in documented_metrics()}


def test_every_alert_asks_for_metrics_that_exist() -> None:
    for alert in alerts():
        used = metrics_in(alert["expr"])
        assert used <= metrics_of_the_document(), alert["alert"]
        assert used or "up{" in alert["expr"]


def test_the_dashboard_shows_every_metric_and_no_other() -> None:
    used = set().union(*map(metrics_in, queries_of_the_dashboard()))
    assert used == metrics_of_the_document()


def test_every_alert_says_what_is_wrong_and_where_to_read_on() -> None:
    headings = re.findall(r"^### Alert (\w+)$", RUNBOOK.read_text(), re.MULTILINE)
    for alert in alerts():
        name, told = alert["alert"], alert["annotations"]
        assert told["summary"]
        assert told["runbook"] == f"docs/operations.md#alert-{name.lower()}"
        assert alert["labels"]["severity"] in {"critical", "warning", "info"}
    assert sorted(headings) == sorted(alert["alert"] for alert in alerts())


def test_the_scraped_jobs_are_those_that_the_rules_know() -> None:
    config = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
    jobs = {job["job_name"] for job in config["scrape_configs"]}
    told = set().union(*documented_metrics().values()) - {"all"}
    assert jobs == {f"sluice-{process}" for process in told}


@pytest.mark.skipif(PROMTOOL is None, reason="needs promtool: apt-get install prometheus")
@pytest.mark.parametrize(
    "arguments",
    [("test", "rules", "alerts.test.yml"), ("check", "config", "prometheus.yml")],
    ids=["rules", "config"],
)
def test_promtool_is_content(arguments: tuple[str, ...]) -> None:
    done = subprocess.run(
        [str(PROMTOOL), *arguments], cwd=FOLDER, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
