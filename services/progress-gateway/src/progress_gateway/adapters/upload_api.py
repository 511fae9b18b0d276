"""upload-api behind the gateway: requests and answers pass through piece by piece."""

from __future__ import annotations

from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING

import httpx

from sluice.errors import Outage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "host",
    }
)
"""They belong to one connection (RFC 9110, 7.6.1)."""
_TIMEOUT = httpx.Timeout(connect=5.0, read=600.0, write=600.0, pool=30.0)
_LIMITS = httpx.Limits(max_connections=1000, max_keepalive_connections=50, keepalive_expiry=30.0)

Header = tuple[bytes, bytes]


class UploadApi:
    """One client for all forwarded requests."""

    def __init__(self, base_url: str) -> None:
        # A client keeps the cookies of answers by default: one caller's login would then speak
        # for everybody who comes after.
        no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=()))
        self._client = httpx.AsyncClient(
            base_url=base_url,
            timeout=_TIMEOUT,
            limits=_LIMITS,
            trust_env=False,
            cookies=no_cookies,
        )

    async def send(
        self,
        method: str,
        path: str,
        headers: list[tuple[bytes, bytes]],
        body: AsyncIterator[bytes] | None,
    ) -> httpx.Response:
        """Forward a request; the answer's body is not read yet, and the caller closes it.

        Raises:
            Outage: upload-api cannot be reached, or broke off.
        """
        request = self._client.build_request(method, path, headers=headers, content=body)
        try:
            return await self._client.send(request, stream=True)
        except httpx.TransportError as error:
            raise Outage("upload-api", type(error).__name__) from error

    async def close(self) -> None:
        await self._client.aclose()


def forwarded_headers(
    headers: Iterable[Header], client_host: str, scheme: str, host: str
) -> list[Header]:
    """Return a request's headers as upload-api gets them.

    The server has already read the chain of trusted proxies: only its result is passed on, so
    that nobody can put an address of their own in front.
    """
    kept = [(name, value) for name, value in headers if _is_kept(name)]
    kept = [(n, v) for n, v in kept if n.lower() not in {b"x-forwarded-for", b"x-forwarded-proto"}]
    return [
        *kept,
        (b"x-forwarded-for", client_host.encode()),
        (b"x-forwarded-proto", scheme.encode()),
        (b"x-forwarded-host", host.encode("latin-1")),
    ]


def returned_headers(headers: Iterable[Header]) -> list[Header]:
    """Return an answer's headers as the caller gets them."""
    return [(name.lower(), value) for name, value in headers if _is_kept(name)]


def _is_kept(name: bytes) -> bool:
    return name.decode("latin-1").lower() not in HOP_BY_HOP
