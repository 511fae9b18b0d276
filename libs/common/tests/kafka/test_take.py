"""How many records are taken at once, and what is waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sluice.kafka.loop import take

if TYPE_CHECKING:
    from confluent_kafka import Consumer


class Fetches:
    """A consumer that has some records, and whose further ones come while it is waited for."""

    def __init__(self, there: list[str], coming: list[str]) -> None:
        self.there = there
        self.coming = coming
        self.waited: list[float] = []

    def poll(self, timeout_s: float) -> str | None:
        found = self.consume(1, timeout_s)
        return found[0] if found else None

    def consume(self, most: int, timeout_s: float) -> list[str]:
        if len(self.there) < most and timeout_s > 0:
            self.waited.append(timeout_s)
            self.there += self.coming
            self.coming = []
        found, self.there = self.there[:most], self.there[most:]
        return found


def taken(fetches: Fetches, most: int) -> list[str]:
    return cast("list[str]", list(take(cast("Consumer", fetches), most, 0.5)))


def test_what_is_there_is_taken_without_waiting_for_more() -> None:
    fetches = Fetches(["a", "b"], ["c"])
    assert taken(fetches, 64) == ["a", "b"]
    assert fetches.waited == []


def test_the_first_record_is_waited_for() -> None:
    fetches = Fetches([], ["a", "b"])
    assert taken(fetches, 64) == ["a", "b"]
    assert fetches.waited == [0.5]
    assert taken(fetches, 64) == []


def test_no_more_are_taken_than_asked_for() -> None:
    fetches = Fetches(["a", "b", "c"], [])
    assert taken(fetches, 1) == ["a"]
    assert taken(fetches, 2) == ["b", "c"]
    assert fetches.waited == []


def test_the_first_record_is_handed_out_before_more_are_asked_for() -> None:
    """A rebalance happens in the second look: the first record is of the time before."""
    fetches = Fetches(["a", "b"], [])
    found = take(cast("Consumer", fetches), 64, 0.5)
    assert next(found) == cast("object", "a")
    assert fetches.there == ["b"]
