"""The documentation of what a route refuses, with an example of each."""

from typing import Any

from upload_api.entrypoints.callers import ProblemView

_MEDIA_TYPE = "application/problem+json"


def refusals(*known: tuple[int, str, str]) -> dict[int | str, dict[str, Any]]:
    """Return the responses of (status, code, detail), those of one status together."""
    found: dict[int | str, dict[str, Any]] = {}
    for status, code, detail in known:
        title = code.replace("_", " ").capitalize()
        answer = found.setdefault(
            status,
            {
                "model": ProblemView,
                "description": title,
                "content": {_MEDIA_TYPE: {"examples": {}}},
            },
        )
        answer["content"][_MEDIA_TYPE]["examples"][code] = {
            "value": {
                "type": code.lower().replace("_", "-"),
                "title": title,
                "status": status,
                "detail": detail,
                "instance": "urn:uuid:0b5c7d9e-6a0f-4f43-8a53-0d8c1f0d9c11",
                "code": code,
                "error": title,
            }
        }
    return found
