"""Where a request came from, as the audit keeps it."""

from ipaddress import ip_address

from starlette.requests import HTTPConnection

from sluice.audit.records import Caller
from sluice.web.problems import request_id_of

MAX_USER_AGENT = 300


def caller_of(request: HTTPConnection) -> Caller:
    """Return the origin; behind trusted proxies the server has set the client's own address."""
    agent = request.headers.get("user-agent")
    return Caller(
        ip=_address(request.client.host if request.client else ""),
        user_agent=agent[:MAX_USER_AGENT].replace("\x00", "") if agent else None,
        request_id=request_id_of(request),
    )


def _address(text: str) -> str | None:
    try:
        return str(ip_address(text))
    except ValueError:
        return None
