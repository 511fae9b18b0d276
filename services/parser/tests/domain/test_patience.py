"""How long a reader is waited for."""

from __future__ import annotations

from parser.domain.patience import Patience


def test_a_reader_that_is_asked_and_says_nothing_is_waited_for_so_long() -> None:
    patience = Patience()
    for now_s in range(11):
        assert not patience.is_over(10.0)
        patience.observe(float(now_s), is_asked=True)
    patience.observe(10.5, is_asked=True)
    assert patience.is_over(10.0)


def test_a_reader_before_a_full_window_owes_nothing() -> None:
    patience = Patience()
    for now_s in range(0, 1000, 2):
        patience.observe(float(now_s), is_asked=True)
        patience.observe(now_s + 1.0, is_asked=False)
        patience.observe(now_s + 1.9, is_asked=False)
    assert patience.waited_s == 0.0


def test_a_frame_pays_the_debt() -> None:
    patience = Patience()
    for now_s in range(9):
        patience.observe(float(now_s), is_asked=True)
    patience.answered()
    patience.observe(9.0, is_asked=True)
    assert patience.waited_s == 0.0


def test_an_outage_of_the_parser_is_not_the_readers_debt() -> None:
    patience = Patience()
    patience.observe(0.0, is_asked=True)
    patience.observe(600.0, is_asked=True)
    assert patience.waited_s == 1.0
