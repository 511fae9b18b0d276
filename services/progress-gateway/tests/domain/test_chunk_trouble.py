"""What is known of a chunk that failed: how often it was tried again."""

from __future__ import annotations

import pytest

from progress_gateway.domain.chunk_trouble import DEAD, ChunkTrouble, rank_of, retries_of


@pytest.mark.parametrize(("step", "retries"), [(2, 1), (4, 3), (DEAD, 0)])
def test_the_first_attempt_is_no_retry_and_a_dead_letter_has_none_to_come(
    step: int, retries: int
) -> None:
    troubles = (ChunkTrouble(chunk_no=5, rank=rank_of(2, 1, step)),)
    assert retries_of(troubles, 5) == retries
    assert retries_of(troubles, 6) == 0
