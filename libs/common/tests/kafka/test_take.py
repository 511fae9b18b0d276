"""How many records are taken at once, and what is waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sluice.kafka.loop import Gathering, take

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


def taken(fetches: Fetches, most: int, gathering: Gathering | None = None) -> list[str]:
    consumer = cast("Consumer", fetches)
    found = take(consumer, most, 0.5, gathering) if gathering else take(consumer, most, 0.5)
    return cast("list[str]", found)


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
    assert taken(fetches, 1, Gathering(10, 0.05)) == ["a"]
    assert taken(fetches, 2, Gathering(10, 0.05)) == ["b", "c"]
    assert fetches.waited == []


def test_a_few_wait_shortly_for_others() -> None:
    fetches = Fetches(["a", "b"], ["c", "d", "e"])
    assert taken(fetches, 64, Gathering(4, 0.05)) == ["a", "b", "c", "d"]
    assert fetches.waited == [0.05]


def test_enough_wait_for_nobody() -> None:
    fetches = Fetches(["a", "b", "c"], ["d"])
    assert taken(fetches, 64, Gathering(3, 0.05)) == ["a", "b", "c"]
    assert fetches.waited == []
