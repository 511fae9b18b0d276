"""Where uploaded files are kept: a folder or a bucket, named by one URL.

`files.py` says what every storage offers; `local_storage.py` is a folder, `s3_storage.py` a bucket.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sluice.storage.files import FileMissing, FileStorage, KeptName, ReadableFile, StoredFile
from sluice.storage.local_storage import SCHEME, LocalStorage

if TYPE_CHECKING:
    from sluice.settings import StorageSettings

__all__ = [
    "FileMissing",
    "FileStorage",
    "KeptName",
    "LocalStorage",
    "ReadableFile",
    "StoredFile",
    "open_storage",
]


def open_storage(settings: StorageSettings) -> FileStorage:
    """Return the storage that the settings name; nothing has to answer yet."""
    if urlsplit(settings.storage_url).scheme == SCHEME:
        return LocalStorage(settings.storage_url)
    from sluice.storage.s3_storage import S3Storage  # noqa: PLC0415 - 30 MB that a folder needs not

    return S3Storage(settings)
