"""CSV and TSV come by the same road as workbooks, and what is made of them is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from upload_api.entrypoints.multipart_upload import FileLimits

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx
    from conftest import Api

ORDERS = "order_id;quantity\r\n1;2\r\n2;3\r\n"


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_text_file_becomes_a_job_that_keeps_and_tells_its_dialect(api: Api) -> None:
    answer = api.upload(ORDERS.encode("utf-16"), "orders.csv", target="orders")
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["dialect"] == {
        "encoding": "utf-16-le",
        "encodingIsGuess": False,
        "delimiter": "semicolon",
        "decimal": ".",
    }
    assert body["message"] == (
        "orders.csv is accepted: about 2 rows, "
        "read as utf-16-le text, cells between semicolons, decimal point."
    )
    [(layout, rows)] = api.rows("SELECT layout, total_rows FROM sluice.jobs")
    assert (layout["sheet"], layout["headerLine"], rows) == ("", 1, 2)
    job = api.client.get(f"/api/jobs/{body['jobId']}", headers=api.headers()).json()
    assert job["dialect"] == body["dialect"]
    assert layout["dialect"] == {
        "encoding": "utf-16-le",
        "encodingIsGuess": False,
        "delimiter": ";",
        "quote": '"',
        "decimal": ".",
        "lineBasis": "record",
    }


def test_a_guessed_encoding_is_told_to_be_one_and_a_wish_is_followed(api: Api) -> None:
    content = "name,city\nJosé,Köln\n".encode("cp1252")
    guessed = api.upload(content, "a.txt").json()
    assert guessed["dialect"]["encodingIsGuess"]
    assert "upload it with the field encoding" in guessed["message"]
    wished = api.upload(
        content, "a.txt", encoding="Windows-1250", delimiter="tab", decimal="comma"
    ).json()
    assert wished["dialect"] == {
        "encoding": "windows-1250",
        "encodingIsGuess": False,
        "delimiter": "tab",
        "decimal": ",",
    }


@pytest.mark.parametrize(
    ("content", "name", "fields", "expected"),
    [
        (ORDERS, "a.csv", {"encoding": "klingon"}, (422, "ENCODING_UNKNOWN")),
        (ORDERS, "a.csv", {"delimiter": "~"}, (422, "DELIMITER_UNKNOWN")),
        (ORDERS, "a.csv", {"decimal": "half"}, (422, "DECIMAL_UNKNOWN")),
        (ORDERS, "a.csv", {"sheet": "Data"}, (422, "SHEET_UNKNOWN")),
        (ORDERS, "a.xlsx", {}, (415, "NOT_XLSX")),
        ("<html><table>", "a.csv", {}, (415, "NOT_TEXT")),
        ("a;b,c\n1;2,3\n", "a.csv", {}, (422, "DELIMITER_AMBIGUOUS")),
        ('a,b\n1,"2\n', "a.csv", {}, (422, "QUOTE_UNCLOSED")),
        ("\n\n,,\n", "a.csv", {}, (422, "EMPTY")),
        ("x;y\n1;2\n", "a.csv", {"target": "orders"}, (422, "HEADER_INVALID")),
    ],
)
def test_a_text_file_that_does_not_fit_is_refused_and_leaves_nothing(
    api: Api, content: str, name: str, fields: dict[str, str], expected: tuple[int, str]
) -> None:
    assert code_of(api.upload(content.encode(), name, **fields)) == expected
    assert api.nothing_is_left()


def test_an_unknown_word_is_answered_with_the_known_ones(api: Api) -> None:
    known: list[Any] = api.upload(ORDERS.encode(), "a.csv", delimiter="~").json()["known"]
    assert known == ["comma", "semicolon", "tab", "pipe"]


def test_a_workbook_is_read_as_one_under_any_name_and_has_no_dialect(
    api: Api, workbook: Callable[..., bytes]
) -> None:
    content = workbook(["a"], [1])
    body = api.upload(content, "a.csv").json()
    assert body["success"]
    assert "dialect" not in body
    job = api.client.get(f"/api/jobs/{body['jobId']}", headers=api.headers()).json()
    assert job["dialect"] is None
    assert code_of(api.upload(content, encoding="utf-8")) == (422, "FIELD_NOT_FOR_WORKBOOK")


def test_each_kind_of_file_has_its_own_limit(start_api: Callable[..., Api]) -> None:
    api = start_api(SLUICE_MAX_UPLOAD_BYTES="1000", SLUICE_MAX_TEXT_UPLOAD_BYTES="5000")
    assert api.upload(b"a,b\n" * 1000, "a.csv").status_code == 200
    too_long = api.upload(b"a,b\n" * 1300, "a.csv")
    assert (*code_of(too_long), too_long.json()["maxUploadBytes"]) == (413, "FILE_TOO_LARGE", 5000)
    for content, name in ((b"PK\x03\x04" + bytes(1000), "a.csv"), (b"a,b\n" * 300, "a.xlsx")):
        answer = api.upload(content, name)
        assert (*code_of(answer), answer.json()["maxUploadBytes"]) == (413, "FILE_TOO_LARGE", 1000)
    limits = api.client.get("/api/limits").json()
    assert (limits["maxUploadBytes"], limits["maxTextUploadBytes"]) == (1000, 5000)
    words = limits["textFiles"]
    wish = {"encoding": words["encodings"][-1], "decimal": words["decimals"][1]}
    wish["delimiter"] = words["delimiters"][1]
    assert api.upload(b"a;b\n1;2\n", "a.csv", **wish).json()["dialect"] == {
        "encoding": "macintosh",
        "encodingIsGuess": False,
        "delimiter": "semicolon",
        "decimal": ",",
    }


def test_a_limit_is_decided_by_the_first_bytes_then_by_the_name() -> None:
    limits = FileLimits(workbook=1, text=2)
    assert (limits.of(b"PK\x03\x04", "a.csv"), limits.of(b"a,b", "a.csv")) == (1, 2)
    assert limits.any_kind == 2
