"""What a snapshot first shows: of several facts the oldest COMMIT, and the newest trace."""

from __future__ import annotations

from progress_gateway.domain.origin import Origin, origin_from_json


def test_two_origins_keep_who_has_waited_longest() -> None:
    first = Origin(committed_at_ms=100, traceparent="a")
    assert first.joined(Origin(committed_at_ms=200)) == first
    assert first.joined(Origin(committed_at_ms=50, traceparent="b")) == Origin(
        committed_at_ms=50, traceparent="b"
    )
    assert Origin().joined(Origin()) == Origin()


def test_what_is_told_is_read() -> None:
    origin = Origin(committed_at_ms=1, traceparent="t")
    assert origin_from_json(origin.to_json()) == origin
    assert origin_from_json(None) is None
