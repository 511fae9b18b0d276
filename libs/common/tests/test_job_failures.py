"""What a job that failed says of it, to people."""

from __future__ import annotations

import pytest

from sluice.job_status import failure_of_dead_chunks


@pytest.mark.parametrize(
    ("dead_chunks", "begins"), [(1, "1 batch could"), (2, "2 batches could"), (1200, "1,200 ba")]
)
def test_one_batch_is_no_batches(dead_chunks: int, begins: str) -> None:
    assert failure_of_dead_chunks(dead_chunks).message.startswith(begins)
