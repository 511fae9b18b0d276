"""What the interface's description tells beside the routes themselves: problems and examples."""

import json
from importlib import resources

from fastapi import FastAPI

from sluice.web.known_problems import known
from sluice.web.problem_docs import describe_problems

KNOWN_PROBLEMS = (
    known(
        401,
        "TICKET_INVALID",
        "The ticket was used, is too old or is for another stream: get a new one.",
        "stream",
    ),
    known(403, "OPERATOR_ONLY", "All jobs are for operators and admins.", "/progress/stream"),
    known(
        429,
        "TOO_MANY_STREAMS",
        "Too many of your streams are open: try again in 15 seconds.",
        "stream",
        limit=3,
        policy="open-streams",
    ),
    known(
        429,
        "TOO_MANY_STREAM_OPENINGS",
        "You opened too many streams: try again in 60 seconds.",
        "stream",
        limit=10,
        policy="stream-openings",
    ),
)


def describe(app: FastAPI) -> None:
    """Have the app's OpenAPI document tell its problems, and what it answers when all is well."""
    text = (resources.files("progress_gateway") / "openapi_examples.json").read_text("utf-8")
    describe_problems(app, KNOWN_PROBLEMS, json.loads(text))
