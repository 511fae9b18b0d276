"""docs/metrics.md lists the metrics of the code and no other, with kind and labels."""

from __future__ import annotations

from tests.rules.metrics_of_the_code import PREFIX, documented_metrics, metrics_of_the_code

PROCESSES = {"upload-api", "parser", "writer", "fold", "settler", "gateway", "all"}
UNBOUNDED = {"job", "job_id", "user", "user_id", "file", "chunk", "path", "message", "reason"}
UNITS = ("_seconds", "_bytes", "_total", "_records", "_info")


def test_the_document_and_the_code_name_the_same_metrics() -> None:
    made = metrics_of_the_code()
    assert len(made) == len(set(made)), "one is defined twice"
    assert set(made) == set(documented_metrics())


def test_each_metric_names_a_process() -> None:
    assert set().union(*documented_metrics().values()) <= PROCESSES


def test_names_and_labels_follow_the_conventions() -> None:
    for metric in metrics_of_the_code():
        assert metric.name.startswith(PREFIX)
        assert (metric.kind == "counter") == metric.name.endswith("_total"), metric.name
        assert metric.kind != "histogram" or metric.name.endswith(UNITS), metric.name
        assert not UNBOUNDED & set(metric.labels), metric.name
