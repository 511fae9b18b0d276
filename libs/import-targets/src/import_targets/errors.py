"""What is wrong with a target file, all of it in one message."""

from __future__ import annotations

from sluice.errors import SluiceError


class TargetError(SluiceError):
    """A target cannot be used; the message names file, column, fault and remedy, one a line."""
