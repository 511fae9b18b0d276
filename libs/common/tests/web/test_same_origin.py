import pytest
from starlette.requests import HTTPConnection

from sluice.web.problems import Problem
from sluice.web.same_origin import refuse_foreign_page


def asking(method: str, **headers: str) -> HTTPConnection:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": "/", "headers": raw, "query_string": b""}
    return HTTPConnection(scope)


@pytest.mark.parametrize(
    "request_",
    [
        asking("GET", sec_fetch_site="cross-site", origin="https://evil.test", host="a.test"),
        asking("POST", sec_fetch_site="same-origin"),
        asking("POST", sec_fetch_site="none"),
        asking("POST", origin="http://a.test:8080", host="a.test:8080"),
        asking("POST", origin="https://a.test", host="10.0.0.1", x_forwarded_host="a.test"),
        asking("POST", host="a.test"),
    ],
)
def test_reading_and_our_own_pages_pass(request_: HTTPConnection) -> None:
    refuse_foreign_page(request_)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site", "origin": "https://a.test", "host": "a.test"},
        {"origin": "https://evil.test", "host": "a.test"},
        {"origin": "https://a.test:444", "host": "a.test"},
        {"origin": "null", "host": "a.test"},
        {"origin": "null"},
    ],
)
def test_a_change_from_a_foreign_page_is_refused(method: str, headers: dict[str, str]) -> None:
    with pytest.raises(Problem) as refused:
        refuse_foreign_page(asking(method, **headers))
    assert (refused.value.status, refused.value.code) == (403, "FOREIGN_ORIGIN")
