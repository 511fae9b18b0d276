"""The string table is complete, deduplicates within its bound and stays small in memory."""

import io
import tracemalloc

from xlsx_writer import SharedStrings


def part_of(table: SharedStrings) -> str:
    part = io.BytesIO()
    table.copy_to(part)
    return part.getvalue().decode()


def test_a_text_seen_again_has_the_same_index() -> None:
    table = SharedStrings()
    assert [table.refer(text) for text in ("a", "b", "a")] == [0, 1, 0]
    part = part_of(table)
    assert part.endswith('count="3" uniqueCount="2"><si><t>a</t></si><si><t>b</t></si></sst>')
    table.close()


def test_beyond_the_bound_texts_are_appended_again() -> None:
    table = SharedStrings(remember=1)
    assert [table.refer(text) for text in ("a", "b", "a", "b")] == [0, 1, 0, 2]
    assert table.size == 3
    assert part_of(table).count("<si>") == 3
    table.close()


def test_rendered_items_stand_among_the_others() -> None:
    table = SharedStrings()
    assert table.refer("a") == 0
    assert table.append_item("<si><t>b</t></si>") == 1
    table.count_references(1)
    assert table.refer("c") == 2
    assert 'count="3" uniqueCount="3"' in part_of(table)
    table.close()


def peak_bytes(texts: int) -> int:
    tracemalloc.start()
    try:
        table = SharedStrings(remember=1_000)
        for number in range(texts):
            table.refer(f"a text that occurs once, number {number}")
        table.close()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_many_unique_texts_take_no_more_memory_than_few() -> None:
    # 50,000 of these texts in a list would take 5 MB. Both lengths pass the spool's 1 MiB in
    # memory (55 bytes an item: 20,000 items).
    assert peak_bytes(100_000) < peak_bytes(25_000) + 300_000
