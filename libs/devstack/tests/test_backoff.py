from itertools import accumulate, repeat

from devstack.backoff import BackoffPolicy


def test_the_delay_doubles_to_its_limit() -> None:
    policy = BackoffPolicy(first_s=0.2, longest_s=10)
    first = policy.delay_s(None, lived_s=0)
    delays = accumulate(repeat(0.0, 7), policy.delay_s, initial=first)
    assert list(delays) == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10]


def test_a_healthy_life_resets_the_delay() -> None:
    policy = BackoffPolicy(healthy_after_s=30)
    assert policy.delay_s(6.4, lived_s=29.9) == 10
    assert policy.delay_s(6.4, lived_s=30) == policy.first_s
