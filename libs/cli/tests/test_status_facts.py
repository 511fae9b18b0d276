"""What `sluice status` tells of how things go, from two readings of the processes' metrics."""

from __future__ import annotations

from cli.status_facts import facts_of, lines_of, samples_of

SETTLER = """
sluice_jobs{status="pending"} 2.0
sluice_jobs{status="processing"} 0.0
sluice_job_standstill_seconds 12.34
sluice_outbox_records 3.0
sluice_dead_letters{code="TIMEOUT"} 4.0
sluice_consumers_halted{consumer="writer"} 1.0
sluice_consumer_lag_records{group="sluice-writer",topic="imports.chunks"} 1500.0
sluice_settler_waiting 0.0
sluice_build_info{service="progress-settler",version="0.1.0",reader="none",encoder="none"} 1.0
process_cpu_seconds_total 1.0
"""
WRITER = """
sluice_writer_rows_total{outcome="inserted"} %d
sluice_writer_rows_total{outcome="failed"} 10
sluice_writer_resting 1.0
sluice_build_info{service="writer",version="0.1.0",reader="none",encoder="python"} 1.0
"""
UPLOADS = """
sluice_storage_free_bytes %s
sluice_build_info{service="upload-api",version="0.1.0",reader="rust"} 1.0
"""


def facts(free: str = "2.5e9") -> dict[str, object]:
    before = samples_of([SETTLER, WRITER % 1000])
    after = samples_of([SETTLER, WRITER % 3000, UPLOADS % free])
    return facts_of(before, after, 2.0)


def test_the_facts_are_those_of_the_processes() -> None:
    told = facts()
    assert told["jobs"] == {"pending": 2, "processing": 0}
    assert told["rowsPerSecond"] == 1000
    assert told["lag"] == {"sluice-writer imports.chunks": 1500}
    assert told["deadLetters"] == {"TIMEOUT": 4}
    assert (told["halted"], told["waiting"]) == (["writer"], ["writer"])
    assert told["storageFreeBytes"] == 2_500_000_000
    assert told["readers"] == {"upload-api": "rust"}
    assert told["encoders"] == {"writer": "python"}
    processes = ("progress-settler", "upload-api", "writer")
    assert told["versions"] == dict.fromkeys(processes, "0.1.0")


def test_people_read_a_line_for_each() -> None:
    lines = "\n".join(lines_of(facts("NaN")))
    for part in (
        "2 pending",
        "1,000 rows/s",
        "1,500 sluice-writer",
        "4 TIMEOUT",
        "rust",
        "python",
        "12 s",
    ):
        assert part in lines
    assert "processing" not in lines
    assert "unknown" in lines


def test_a_stack_without_work_has_its_settler_all_the_same() -> None:
    idle = samples_of(['sluice_jobs{status="pending"} 0.0\nsluice_jobs{status="paused"} 0.0'])
    assert "imports       none unfinished" in "\n".join(lines_of(facts_of(idle, idle, 1.0)))


def test_nothing_is_claimed_of_what_nobody_tells() -> None:
    told = facts_of([], [], 1.0)
    assert told["jobs"] == {}
    assert told["standstillSeconds"] is None
    assert "no settler leads" in "\n".join(lines_of(told))
