"""Whether a file is a workbook or a text: its content says so first, its name second."""

from __future__ import annotations

from enum import Enum
from typing import Final

KIND_HEAD_BYTES: Final = 8
_ZIP: Final = b"PK"
_OLE: Final = b"\xd0\xcf\x11\xe0"
_WORKBOOK_NAMES: Final = (".xlsx", ".xlsm", ".xltx", ".xltm", ".xlsb", ".xls", ".ods")


class FileKind(Enum):
    """Which reader a file is for."""

    WORKBOOK = "workbook"
    TEXT = "text"


def kind_of_file(head: bytes, name: str) -> FileKind:
    """Return the reader that takes the file, or that knows best why it cannot be taken.

    Args:
        head: the first `KIND_HEAD_BYTES` bytes, fewer only if the file has no more.
        name: the name it came under. What is named a workbook and is none is the workbook
            reader's to refuse: a text under such a name is more likely a mistake than a wish.
    """
    if head.startswith((_ZIP, _OLE)) or name.lower().endswith(_WORKBOOK_NAMES):
        return FileKind.WORKBOOK
    return FileKind.TEXT
