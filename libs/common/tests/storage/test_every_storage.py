"""What a folder and a bucket have in common: whoever uses one of them need not know which."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from sluice.storage import FileMissing, FileStorage

SIZES = [0, 1, 8 * 1024**2 - 1, 8 * 1024**2, 20 * 1024**2 + 7]
"""Around the size of a part, of which larger files are sent several."""
Read = Callable[[str], bytes]


def stored(storage: FileStorage, content: bytes, file_id: UUID | None = None) -> str:
    file = storage.create(file_id or uuid4())
    for at in range(0, len(content), 1024 * 1024):
        file.write(content[at : at + 1024 * 1024])
    try:
        return file.commit()
    finally:
        file.discard()


@pytest.mark.parametrize("size", SIZES)
def test_what_is_stored_is_read_again(storage: FileStorage, read: Read, size: int) -> None:
    content = os.urandom(size)
    url = stored(storage, content)
    assert read(url) == content
    assert storage.size_of(url) == size


def test_a_file_can_be_looked_at_before_it_is_kept(storage: FileStorage) -> None:
    file = storage.create(uuid4())
    file.write(b"PK" + bytes(9 * 1024**2))
    file.write(b"the end")
    with file.temporary_path.open("rb") as seen:
        assert seen.read(2) == b"PK"
        seen.seek(-7, os.SEEK_END)
        assert seen.read() == b"the end"
    assert file.temporary_path.stat().st_size == 9 * 1024**2 + 9
    file.discard()


def test_a_deleted_file_is_missing_and_may_be_deleted_again(storage: FileStorage) -> None:
    url = stored(storage, b"cells")
    storage.delete(url)
    storage.delete(url)
    with pytest.raises(FileMissing):
        storage.lend(url)
    with pytest.raises(FileMissing):
        storage.size_of(url)
    with pytest.raises(FileMissing):
        storage.again(uuid4(), url)


def test_a_discarded_file_is_nowhere(storage: FileStorage) -> None:
    file = storage.create(uuid4())
    file.write(b"cells")
    file.discard()
    file.discard()
    assert list(storage.names()) == []


def test_a_stored_file_serves_again_and_outlives_the_first(
    storage: FileStorage, read: Read
) -> None:
    first, second = uuid4(), uuid4()
    source = stored(storage, b"content", first)
    file = storage.again(second, source)
    assert file.temporary_path.read_bytes() == b"content"
    url = file.commit()
    file.discard()
    storage.delete(source)
    assert read(url) == b"content"
    assert [kept.name for kept in storage.names()] == [str(second)]


def test_a_copy_that_is_not_wanted_leaves_the_first_alone(storage: FileStorage, read: Read) -> None:
    source = stored(storage, b"content")
    storage.again(uuid4(), source).discard()
    assert read(source) == b"content"
    assert len(list(storage.names())) == 1


def test_names_tell_what_is_kept_and_can_be_removed(storage: FileStorage) -> None:
    ids = [uuid4(), uuid4()]
    for file_id in ids:
        stored(storage, b"x", file_id)
    kept = list(storage.names())
    assert {name.name for name in kept} == {str(file_id) for file_id in ids}
    assert all(name.changed_at.tzinfo is not None for name in kept)
    storage.remove(str(ids[0]))
    assert [name.name for name in storage.names()] == [str(ids[1])]


def test_a_lent_file_can_be_read_by_another_process_that_is_given_it(
    storage: FileStorage, tmp_path: Path
) -> None:
    file = storage.lend(stored(storage, b"cells"))
    child = os.fork()
    if child == 0:
        os._exit(0 if Path(file.path).read_bytes() == b"cells" else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    file.close()
