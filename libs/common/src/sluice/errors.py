"""The ways a piece of work can end badly, as types: whoever catches one knows what to do with it.

A bad row is none of these: it is data, and is recorded beside the rows that were written.
Anything that is not a `SluiceError` is a bug: nothing is committed, the process ends and is
started again.
"""

from __future__ import annotations


class SluiceError(Exception):
    """Something Sluice knows how to name went wrong."""


class SettingsError(SluiceError):
    """The settings are wrong; the message lists every fault."""


class Transient(SluiceError):
    """This record failed now and may well succeed later: deliver it again after a while.

    `code` is a stable class of what went wrong; the message holds no cell's value.
    """

    def __init__(self, message: str, code: str = "TRANSIENT") -> None:
        super().__init__(message)
        self.code = code


class Outage(SluiceError):
    """A dependency is away: pause, probe, and go on by itself when it is back.

    No attempt is counted and nothing is dead-lettered while it lasts.
    """

    def __init__(self, dependency: str, reason: str) -> None:
        super().__init__(f"{dependency} is unavailable: {reason}")
        self.dependency = dependency
        self.reason = reason


class Critical(SluiceError):
    """The job cannot be brought to its end: fail it at once, with this code and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class Poison(SluiceError):
    """This record can never be handled: set it aside with its raw bytes, and go on."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class UnknownVersion(SluiceError):
    """The record was written by a newer release: wait for this process to be upgraded."""
