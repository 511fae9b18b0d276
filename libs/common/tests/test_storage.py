"""A file that is gone is told from a folder that is away."""

from __future__ import annotations

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
