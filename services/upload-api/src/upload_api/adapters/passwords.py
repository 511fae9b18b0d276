"""Passwords, by argon2id; an unknown user costs as much time as a wrong password."""

from __future__ import annotations

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MAX_AT_ONCE = 2
"""Each check takes 64 MiB for about 0.1 s: more at once would be a way to fill the memory."""
MAX_PASSWORD_CHARACTERS = 1024


@cache
def _hash_of_nobody() -> str:
    """Return what an unknown user's password is compared with, hashed once in a process."""
    return PasswordHasher().hash("nobody has this password")


class Passwords:
    """Hashes and checks passwords; blocks, so it belongs in a worker thread."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._turn = threading.BoundedSemaphore(MAX_AT_ONCE)
        self._nobody = _hash_of_nobody()

    def hash(self, password: str) -> str:
        with self._turn:
            return self._hasher.hash(password)

    def is_right(self, password: str, password_hash: str | None) -> bool:
        """Tell whether a password fits; without a hash it never does, after the same work."""
        with self._turn:
            try:
                self._hasher.verify(password_hash or self._nobody, password)
            except (VerificationError, InvalidHashError):
                return False
        return password_hash is not None
