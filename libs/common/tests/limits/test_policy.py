from sluice.limits.policy import LimitPolicy, Taken, headers_of

OPENINGS = LimitPolicy(name="stream-openings", limit=10, window_s=900)
STREAMS = LimitPolicy(name="streams", limit=3, window_s=30, unit="concurrent-requests")


def test_headers_say_what_is_left_and_when_more_comes() -> None:
    slot = Taken(policy=STREAMS, allowed=True, used=2, reset_s=30, take_id="a")
    refused = Taken(policy=OPENINGS, allowed=False, used=10, reset_s=89.2, take_id="b")
    assert headers_of(slot, refused) == {
        "RateLimit-Policy": '"streams";q=3;qu="concurrent-requests", "stream-openings";q=10;w=900',
        "RateLimit": '"streams";r=1;t=30, "stream-openings";r=0;t=90',
        "Retry-After": "90",
    }


def test_who_may_go_on_is_not_told_to_wait() -> None:
    taken = Taken(policy=OPENINGS, allowed=True, used=1, reset_s=900, take_id="a")
    assert headers_of(taken) == {
        "RateLimit-Policy": '"stream-openings";q=10;w=900',
        "RateLimit": '"stream-openings";r=9;t=900',
    }
