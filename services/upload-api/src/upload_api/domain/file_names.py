"""The name a file was uploaded under: shown to people, never used as a path."""

from __future__ import annotations

import unicodedata

MAX_BYTES = 255
FALLBACK = "upload.xlsx"
_DROPPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Controls, invisible formats (the bidirectional overrides are among them), lone surrogates, line
and paragraph separators: whatever lets a name look like another."""


def clean_file_name(raw: str) -> str:
    """Return a name that is safe to show: NFC, without folders, at most 255 UTF-8 bytes."""
    last = raw.replace("\\", "/").rpartition("/")[2]
    shown = "".join(c for c in last if unicodedata.category(c) not in _DROPPED_CATEGORIES)
    name = _shortened(unicodedata.normalize("NFC", shown).strip())
    return FALLBACK if name in {"", ".", ".."} else name


def _shortened(name: str) -> str:
    """Cut the stem, never the extension, at a whole character."""
    if len(name.encode()) <= MAX_BYTES:
        return name
    stem, dot, extension = name.rpartition(".")
    tail = dot + extension if stem and len(extension.encode()) <= 16 else ""  # noqa: PLR2004 - no extension is longer
    head = name.encode()[: MAX_BYTES - len(tail.encode())].decode(errors="ignore")
    return head + tail
