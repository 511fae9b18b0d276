"""`POST /api/progress/ticket`, and what opens a stream: a token, or such a ticket."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Request, Response
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from progress_gateway.adapters.stream_tickets import FIRST_USE_S, Ticket
from sluice.auth.access import Right
from sluice.auth.tokens import TokenClaims
from sluice.web.audit_trail import remember_user
from sluice.web.auth import Session, unauthorized
from sluice.web.problem_docs import problems

if TYPE_CHECKING:
    from progress_gateway.entrypoints.http_parts import HttpParts

router = APIRouter(prefix="/api/progress", tags=["progress"])
_CAMEL = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)


class TicketRequest(BaseModel):
    """Which job the ticket is for; without one it opens any stream that its user may open."""

    model_config = _CAMEL

    job_id: UUID | None = None


class TicketView(BaseModel):
    """A ticket: `?ticket=…` opens one stream until `expiresAt`, and its reconnects."""

    model_config = _CAMEL

    ticket: str
    expires_at: datetime
    job_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Who opens a stream, and by which ticket, if by one."""

    session: Session
    stream_id: str
    ticket: str | None


@router.post("/ticket", responses=problems(400, 401, 403, 404, 422, 503))
async def make_ticket(
    request: Request,
    response: Response,
    wanted: Annotated[TicketRequest | None, Body()] = None,
) -> TicketView:
    """Make a single-use ticket for an EventSource, good for 60 s."""
    parts: HttpParts = request.app.state.parts
    session = await parts.authenticator.session_of(request)
    job_id = wanted.job_id if wanted else None
    if job_id is not None:
        await parts.authenticator.require_right(session.user, job_id, Right.VIEW)
    ticket = Ticket(
        user_id=session.user.user_id,
        job_id=job_id,
        expires_at=session.expires_at,
        token_digest=session.token_digest,
        generation=session.generation,
    )
    text = await parts.tickets.issue(ticket)
    response.headers["Cache-Control"] = "no-store"
    expires_at = parts.stream.clock.now() + timedelta(seconds=FIRST_USE_S)
    return TicketView(ticket=text, expires_at=expires_at, job_id=job_id)


async def opening_of(request: Request, job_id: UUID | None) -> Opening:
    """Return who opens a stream.

    Raises:
        Problem: 401, there is neither a good token nor a good ticket.
        Outage: PostgreSQL is away; Redis, where a ticket is sent.
    """
    parts: HttpParts = request.app.state.parts
    stream_id, text = secrets.token_hex(8), request.query_params.get("ticket")
    if not text:
        session = await parts.authenticator.session_of(request)
        return Opening(session=session, stream_id=stream_id, ticket=None)
    is_reconnect = bool(request.headers.get("last-event-id"))
    ticket = await parts.tickets.redeem(text, stream_id, is_reconnect=is_reconnect)
    if ticket is None or (ticket.job_id is not None and ticket.job_id != job_id):
        raise unauthorized(
            "TICKET_INVALID",
            "The ticket was used, is too old or is for another stream: get a new one.",
        )
    claims = TokenClaims(
        user_id=ticket.user_id,
        username="",
        expires_at=ticket.expires_at,
        generation=ticket.generation,
    )
    session = await parts.authenticator.session_again(claims, ticket.token_digest)
    remember_user(request, session.user)
    return Opening(session=session, stream_id=stream_id, ticket=text)
