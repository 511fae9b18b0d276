"""Whatever an upload says: it becomes a job with its file, or it leaves nothing at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Api

NOBODY = "00000000-0000-0000-0000-000000000000"
SAID = {
    "target": ["orders", "records", "nowhere"],
    "sheet": ["Data", "Nowhere"],
    "mode": ["insert", "upsert", "skip_existing", "replace"],
    "dryRun": ["true", "false", "perhaps"],
    "maxErrorPercent": ["0", "5.5", "-1", "x"],
    "mapping": ['{"columns": {"a": null}}', '{"columns": {"A": "order_id"}}', "{"],
    "mappingName": ["nothing", "a/b"],
    "correctionOf": [NOBODY, "x"],
    "previewId": [NOBODY],
    "encoding": ["utf-8", "klingon"],
    "unknown": ["", "x"],
}
PAIRS = [(name, text) for name, texts in SAID.items() for text in texts]
FORMS = st.lists(st.sampled_from(PAIRS), max_size=3).map(dict)


def test_no_refused_upload_leaves_a_file_a_job_or_a_key(
    start_api: Callable[..., Api], workbook: Callable[..., bytes]
) -> None:
    api = start_api(SLUICE_MAX_UNFINISHED_JOBS="1000")
    headers = api.headers()
    contents = {
        "orders": workbook(["order_id", "quantity"], [1, 2]),
        "others": workbook(["a", "b"], [1, 2]),
        "empty": workbook(),
        "text": b"order_id;quantity\n1;2\n",
        "cut": workbook(["a"], [1])[:-30],
        "nothing": b"",
    }
    statuses: set[int] = set()

    def kept() -> tuple[int, ...]:
        tables = ("jobs", "outbox", "idempotency_keys", "previews", "audit_log")
        counts = ", ".join(f"(SELECT count(*) FROM sluice.{table})" for table in tables)
        [row] = api.rows(f"SELECT {counts}")
        return (len(api.stored()), *row)

    @settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(sorted(contents)), FORMS, st.booleans(), st.sampled_from("ab"))
    def check(content: str, form: dict[str, str], has_key: bool, kind: str) -> None:
        before = kept()
        answer = api.client.post(
            "/api/upload/excel",
            files={"file": ("a.csv" if kind == "a" else "a.xlsx", contents[content])},
            data=form,
            headers=headers | ({"Idempotency-Key": f"k{before[1]}"} if has_key else {}),
        )
        statuses.add(answer.status_code)
        if answer.status_code == 200:
            grown = (1, 1, 1, int(has_key), 0, 1)
            assert kept() == tuple(a + b for a, b in zip(before, grown, strict=True))
            assert answer.json()["jobId"] in api.stored()
        else:
            assert answer.status_code < 500, answer.text
            assert kept() == before

    check()
    assert {200, 400, 422} <= statuses
