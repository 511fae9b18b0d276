from datetime import UTC, datetime, timedelta
from uuid import UUID

from upload_api.domain.orphan_files import FoundFile, candidates, orphans

NOW = datetime(2026, 1, 2, tzinfo=UTC)
DAY = timedelta(days=1)
ONE, TWO = UUID(int=1), UUID(int=2)


def file(name: str, age: timedelta = DAY) -> FoundFile:
    return FoundFile(name=name, changed_at=NOW - age)


def test_old_files_without_a_job_and_old_unfinished_ones_go() -> None:
    files = [file(str(ONE)), file(str(TWO)), file(f".{ONE}.part")]
    found = candidates(files, NOW, DAY)
    assert orphans(found, {TWO}) == (str(ONE), f".{ONE}.part")


def test_young_files_and_files_that_we_did_not_name_stay() -> None:
    files = [file(str(ONE), DAY - timedelta(seconds=1)), file("notes.txt"), file(".x.part")]
    assert candidates(files, NOW, DAY) == ()
