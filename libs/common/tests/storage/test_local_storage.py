"""A file that is gone is told from a folder that is away."""

from __future__ import annotations

import tempfile
from pathlib import Path
from uuid import uuid4

import pytest

from sluice.errors import Outage
from sluice.storage import FileMissing, LocalStorage


def test_a_stored_file_is_found_and_a_deleted_one_is_missing(tmp_path: Path) -> None:
    storage = LocalStorage(f"file://{tmp_path}/files")
    storage.prepare()
    stored = storage.create(uuid4())
    stored.write(b"cells")
    url = stored.commit()
    assert storage.path_of(url).read_bytes() == b"cells"
    storage.delete(url)
    with pytest.raises(FileMissing):
        storage.path_of(url)


def test_a_folder_that_is_away_is_an_outage_and_no_missing_file(tmp_path: Path) -> None:
    storage = LocalStorage(f"file://{tmp_path}/files")
    storage.prepare()
    url = storage.create(uuid4()).commit()
    (tmp_path / "files").rename(tmp_path / "unmounted")
    with pytest.raises(Outage, match="storage"):
        storage.path_of(url)
    (tmp_path / "unmounted").rename(tmp_path / "files")
    assert storage.path_of(url).is_file()


@pytest.mark.parametrize("is_near", [True, False])
def test_a_stored_file_serves_again_and_outlives_the_first(tmp_path: Path, is_near: bool) -> None:
    """Far is another file system, where no link can lead to."""
    with tempfile.TemporaryDirectory(dir=None if is_near else "/dev/shm") as other:  # noqa: S108
        source = (tmp_path if is_near else Path(other)) / "first"
        source.write_bytes(b"content")
        source.chmod(0o600)
        if not is_near and source.stat().st_dev == tmp_path.stat().st_dev:
            pytest.skip("there is one file system only")
        storage = LocalStorage((tmp_path / "files").as_uri())
        storage.prepare()
        job_id = uuid4()
        stored = storage.again(job_id, source.as_uri())
        kept = storage.path_of(stored.commit())
        source.unlink()
        assert (kept.name, kept.read_bytes()) == (str(job_id), b"content")
        assert kept.stat().st_mode & 0o777 == 0o600
        with pytest.raises(FileMissing):
            storage.again(uuid4(), source.as_uri())
        storage.again(uuid4(), kept.as_uri()).discard()
        assert [path.name for path in kept.parent.iterdir()] == [str(job_id)]
