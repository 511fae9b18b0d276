"""What the package gives to those who import from it, though it loads the facts late."""

from __future__ import annotations

from sluice import events
from sluice.events import facts


def test_who_asks_for_all_gets_every_fact() -> None:
    assert events.__all__ == facts.__all__
    assert all(getattr(events, name) is getattr(facts, name) for name in events.__all__)
