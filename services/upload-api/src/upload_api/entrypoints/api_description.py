"""What the interface's description tells beside the routes themselves: problems and examples."""

import json
from importlib import resources

from fastapi import FastAPI

from sluice.web.known_problems import known
from sluice.web.problem_docs import describe_problems

_LISTS = r"^GET .*\bcursor\b"
KNOWN_PROBLEMS = (
    known(400, "CURSOR_INVALID", "The cursor is none of ours: begin without one.", _LISTS),
    known(401, "LOGIN_FAILED", "The name or the password is wrong.", "/auth/login"),
    known(403, "LOGIN_OFF", "Sign in at your company's identity provider.", "/auth/login"),
    known(
        403, "OPERATOR_ONLY", "This is for operators and admins.", r"/api/ops|^GET /api/jobs [a-z]"
    ),
    known(422, "USER_UNKNOWN", "There is no such user: minh.", r"POST .*/share", users=["minh"]),
    known(404, "SHARE_UNKNOWN", "The job is not shared with this user.", r"DELETE .*/share"),
    known(404, "TARGET_UNKNOWN", "There is no target 'order'; the known ones: orders, records.",
          r"/targets/", targets=["orders", "records"]),
    known(404, "TEMPLATE_UNKNOWN", "The target 'records' takes any headers, so it has no template.",
          r"template\.xlsx"),
    known(404, "EVENT_UNKNOWN", "There is no event 'chunk-wrote.v1'; the known ones: …",
          r"/events/schemas", events=["chunk-written.v1"]),
    known(404, "DEAD_LETTER_UNKNOWN", "There is no such dead letter.", r"\{dead_letter_id\}"),
    known(404, "REPLAY_UNKNOWN", "There is no such replay.", r"\{replay_id\}"),
    known(
        409,
        "JOB_STATE_CONFLICT",
        "A completed job cannot be paused.",
        r"/(pause|resume|cancel|retry) ",
        jobStatus="completed",
        desired="run",
        run=1,
    ),
    known(409, "ERASE_REFUSED", "The job has not ended: cancel it first.",
          r"^DELETE /api/jobs/\{job_id\} "),
    known(422, "SHARE_ENDED", "expiresAt is in the past: give a later moment.", r"POST .*/share"),
    known(
        429,
        "TOO_MANY_JOBS",
        "You have 5 unfinished jobs, the most at a time: wait until one ends, or cancel one.",
        "/retry",
        maxUnfinishedJobs=5,
    ),
    known(429, "TOO_MANY_SIGN_INS", "Too many sign-ins have failed: try again in 60 seconds.",
          "/auth/login", limit=10, policy="sign-ins"),
    known(503, "JOB_BUSY", "The job is being written to: try again in a few seconds.",
          r"/(pause|resume|cancel|retry) |^DELETE /api/jobs/\{job_id\} "),
)  # fmt: skip


def describe(app: FastAPI) -> None:
    """Have the app's OpenAPI document tell its problems, and what it answers when all is well."""
    text = (resources.files("upload_api") / "openapi_examples.json").read_text("utf-8")
    describe_problems(app, KNOWN_PROBLEMS, json.loads(text))
