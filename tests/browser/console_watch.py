"""What a page's console tells: errors, exceptions, and breaks of the content security policy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page

# Who is not signed in is told so; Chromium writes every refusal into its console
ALWAYS = (r"status of 401 .*/api/auth/me$",)

CUT = (
    r"ERR_(CONNECTION_REFUSED|CONNECTION_RESET|INCOMPLETE_CHUNKED_ENCODING|EMPTY_RESPONSE)"
    r"|status of 50[234]"
)
"""What Chromium writes when a server goes away under its hands, and is not back yet."""


class ConsoleWatch:
    """Keeps every error of a page's console; a test says beforehand which ones it causes."""

    def __init__(self, page: Page) -> None:
        self._told: list[str] = []
        self._expected: list[str] = list(ALWAYS)
        page.on("console", self._on_message)
        page.on("pageerror", lambda error: self._told.append(f"exception: {error}"))

    def _on_message(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._told.append(f"{message.text} at {message.location['url']}")

    def expect(self, *patterns: str) -> None:
        """Let errors that match one of these pass: the test causes them."""
        self._expected += patterns

    def unexpected(self) -> list[str]:
        return [
            line
            for line in self._told
            if not any(re.search(pattern, line) for pattern in self._expected)
        ]
