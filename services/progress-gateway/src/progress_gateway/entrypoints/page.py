"""The web page: the files of the folder `static`; the app's middleware adds a strict policy."""

from __future__ import annotations

import mimetypes
from typing import TYPE_CHECKING, Any

from starlette.staticfiles import StaticFiles

if TYPE_CHECKING:
    from starlette.responses import Response

HEADERS = {"Cache-Control": "no-cache"}
# The machine's own table is not the same everywhere, and a wrong type stops a module script
for _type, _ending in (
    ("text/javascript", ".js"),
    ("text/javascript", ".mjs"),
    ("text/css", ".css"),
    ("image/svg+xml", ".svg"),
    ("application/json", ".json"),
):
    mimetypes.add_type(_type, _ending)


class Page(StaticFiles):
    """Serves the page; browsers ask each time whether a file has changed."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers.update(HEADERS)
        return response
