"""Ranges of lines hold what sets of lines would."""

from hypothesis import given
from hypothesis import strategies as st

from upload_api.domain.line_ranges import MAX_LINE, LineRanges

lines_of_a_sheet = st.sets(st.integers(1, 60))
a_range = st.tuples(st.integers(1, 60), st.integers(0, 9)).map(lambda r: (r[0], r[0] + r[1]))


def held(ranges: LineRanges, first: int = 1, last: int = 70) -> set[int]:
    return {
        line
        for low, high in ranges.within(first, last)
        for line in range(max(low, first), min(high, last) + 1)
    }


@given(lines_of_a_sheet, st.integers(1, 60), st.integers(0, 20))
def test_a_window_shows_the_lines_in_it(lines: set[int], first: int, more: int) -> None:
    ranges = LineRanges.of_lines(sorted(lines))
    assert held(ranges, first, first + more) == {n for n in lines if first <= n <= first + more}
    assert (ranges.last, bool(ranges)) == (max(lines, default=0), bool(lines))


@given(st.lists(a_range), st.integers(1, 60))
def test_the_rest_is_what_no_range_holds(ranges: list[tuple[int, int]], begin: int) -> None:
    covered = {line for first, last in ranges for line in range(first, last + 1)}
    rest = LineRanges.of_ranges(sorted(ranges)).rest(begin)
    assert held(rest) == {line for line in range(begin, 71) if line not in covered}
    assert rest.last == MAX_LINE


def test_neighbours_are_one_range() -> None:
    ranges = LineRanges.of_lines([2, 3, 4, 9])
    assert list(ranges.within(1, 10)) == [(2, 4), (9, 9)]
