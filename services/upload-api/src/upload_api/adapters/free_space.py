"""How much room the disk of uploaded files has left."""

from __future__ import annotations

import math
import shutil
from urllib.parse import unquote, urlsplit


def free_bytes(storage_url: str) -> float:
    """Return the free bytes of a `file://` storage; NaN for any other, and for one that is away."""
    parts = urlsplit(storage_url)
    if parts.scheme != "file":
        return math.nan
    try:
        return float(shutil.disk_usage(unquote(parts.path)).free)
    except OSError:
        return math.nan
