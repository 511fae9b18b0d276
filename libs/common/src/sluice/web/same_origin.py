"""A cookie speaks for whoever's page sends it: a change is taken from our own pages alone."""

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from sluice.web.problems import Problem

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OWN_SITES = frozenset({"same-origin", "none"})


def refuse_foreign_page(request: HTTPConnection) -> None:
    """Refuse a change that a page of another origin asks a browser for.

    Every browser names the origin of such a request, by `Sec-Fetch-Site` or, on plain http, by
    `Origin`; what names neither is no browser's, and nobody can make it send our cookie.

    Raises:
        Problem: 403.
    """
    if request.scope["method"] in SAFE_METHODS or _is_own(request):
        return
    raise Problem(
        403, "FOREIGN_ORIGIN", "A page of another origin may change nothing with this cookie."
    )


def _is_own(request: HTTPConnection) -> bool:
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in OWN_SITES
    origin = request.headers.get("origin")
    if origin is None:
        return True
    # Behind the gateway the host that the browser knows is the forwarded one
    hosts = {request.headers.get("host"), request.headers.get("x-forwarded-host")}
    return urlsplit(origin).netloc in hosts - {None, ""}
