"""What a reader may cost."""

from __future__ import annotations

import pytest

from sluice.confinement.reader_limits import MIB, ReaderLimits


@pytest.mark.parametrize(("size_mib", "cpu_s"), [(0, 30), (100, 80), (4096, 2078)])
def test_the_cpu_limit_grows_with_the_sheet(size_mib: int, cpu_s: int) -> None:
    assert ReaderLimits(cpu_s=30, cpu_s_per_mib=0.5).cpu_limit_s(size_mib * MIB) == cpu_s


def test_no_file_is_allowed_more_cpu_than_the_most() -> None:
    # The kernel refuses a limit above the one that the child was started with
    limits = ReaderLimits()
    assert limits.cpu_limit_s(10_000 * MIB) == limits.most_cpu_s == limits.cpu_limit_s(4096 * MIB)
