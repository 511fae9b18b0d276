"""What is erased of a job in Redis is all that is named by a job."""

from __future__ import annotations

import inspect

from sluice import redis_keys


def test_no_key_of_a_job_is_forgotten() -> None:
    of_jobs = {
        make("a job")
        for name, make in inspect.getmembers(redis_keys, inspect.isfunction)
        if name.endswith("_key") and list(inspect.signature(make).parameters) == ["job_id"]
    }
    assert len(of_jobs) >= 4
    assert set(redis_keys.keys_of_job("a job")) == of_jobs
