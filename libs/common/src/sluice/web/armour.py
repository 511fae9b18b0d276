"""What every HTTP app of ours wears, put on in one call."""

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from sluice.settings import HttpSettings
from sluice.web.body_limit import BodyLimit
from sluice.web.security_headers import SecurityHeaders

FILES = "/api/upload/"
_EXPOSED = ["Retry-After", "RateLimit", "RateLimit-Policy", "Location", "Idempotent-Replayed"]
_SENT = ["Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID"]


def add_armour(app: FastAPI, settings: HttpSettings) -> None:
    """Bound the bodies, tell browsers what they may, and let named origins in; outermost last.

    Other origins send a token of their own: our cookie is of the same site alone.
    """
    app.add_middleware(BodyLimit, files=FILES)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins.split(","),
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=_SENT,
            expose_headers=_EXPOSED,
        )
    app.add_middleware(SecurityHeaders)
