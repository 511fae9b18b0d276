from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sluice_client.sse_lines import ServerSentEvent, events_of

STREAM = (
    ": keep-alive\r\n\r\nevent: progress\r\nid: 7\r\ndata: {\r\ndata: \u2028}\r\n\r\n"
    "event: failed\nid:8\ndata:x\n\nevent: cut\ndata: never ended\n"
).encode()
EVENTS = [
    ServerSentEvent(name="progress", data="{\n\u2028}", event_id="7"),
    ServerSentEvent(name="failed", data="x", event_id="8"),
]


@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
def test_events_are_the_same_however_the_bytes_are_cut(cuts: list[int]) -> None:
    blocks = [STREAM[a:b] for a, b in pairwise([0, *sorted(cuts), len(STREAM)])]
    assert list(events_of(blocks)) == EVENTS
