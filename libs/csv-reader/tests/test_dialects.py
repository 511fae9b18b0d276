"""What is made of a file by its head alone: encoding, delimiter, decimal mark, first rows."""

from __future__ import annotations

import codecs
import unicodedata
from typing import TYPE_CHECKING

import pytest

from csv_reader import CsvError, FileKind, dialect_name, kind_of_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from csv_reader import CsvHead

Look = "Callable[..., CsvHead]"
ORDERS = "id;name;price\r\n1;Müller;1,50\r\n2;Renée;22,75\r\n"
# What a Vietnamese Windows writes: tone marks stand behind their letters.
VIETNAMESE = (
    "id;tên\r\n1;Nguyê\u0303n Văn An, Ha\u0300 Nô\u0323i\r\n2;Trâ\u0300n Thi\u0323 Bi\u0300nh\r\n"
)

CASES: list[tuple[str, bytes, str, tuple[str, str, str, bool]]] = [
    ("plain", b"a,b\n1,2\n", "a.csv", ("utf-8", ",", ".", False)),
    ("one column", b"a\n1\n", "a.csv", ("utf-8", ",", ".", False)),
    ("one column, named tsv", b"a\n1\n", "a.tsv", ("utf-8", "\t", ".", False)),
    ("header only", b"a;b;c", "a.csv", ("utf-8", ";", ".", False)),
    ("tabs under any name", b"a\tb\n1,5\t2\n", "a.txt", ("utf-8", "\t", ",", False)),
    ("pipes", b"a|b\n1|2\n", "", ("utf-8", "|", ".", False)),
    ("mark of UTF-8", codecs.BOM_UTF8 + ORDERS.encode(), "a.csv", ("utf-8", ";", ",", False)),
    ("mark of UTF-16", ORDERS.encode("utf-16"), "a.csv", ("utf-16-le", ";", ",", False)),
    ("mark of UTF-32", codecs.BOM_UTF32_BE + ORDERS.encode("utf-32-be"), "a.csv",
     ("utf-32-be", ";", ",", False)),
    ("UTF-16 LE, no mark", ORDERS.encode("utf-16-le"), "a.csv", ("utf-16-le", ";", ",", False)),
    ("UTF-16 BE, no mark", ORDERS.encode("utf-16-be"), "a.csv", ("utf-16-be", ";", ",", False)),
    ("Western Windows", ORDERS.encode("cp1252"), "a.csv", ("windows-1252", ";", ",", True)),
    ("Vietnamese Windows", VIETNAMESE.encode("cp1258"), "a.csv", ("windows-1258", ";", ".", True)),
    ("Cyrillic Windows", "id,имя\n1,Иван Петров\n2,Ольга Москва\n".encode("cp1251"), "a.csv",
     ("windows-1251", ",", ".", True)),
    ("Japanese Windows", "id,名前\n1,田中太郎\n2,カタカナ\n".encode("cp932"), "a.csv",
     ("shift_jis", ",", ".", True)),
    ("one accent is no Chinese", "id;Stadt\n1;Köln\n".encode("cp1252"), "a.csv",
     ("windows-1252", ";", ".", True)),
    ("Excel's sep line", b"sep=|\r\na;b|c\r\n1|2\r\n", "a.csv", ("utf-8", "|", ".", False)),
    ("any other sep", b"sep=:\na:b\n1:2\n", "a.csv", ("utf-8", ":", ".", False)),
    ("commas inside quotes", b'a;"b,c"\n1;"2,3"\n', "a.csv", ("utf-8", ";", ",", False)),
    ("the header has both, rows one", b"id,tags (a;b)\n1,x\n2,y;z\n", "a.csv",
     ("utf-8", ",", ".", False)),
    ("1,234 shows nothing", b"a;b\n1,234;2\n", "a.csv", ("utf-8", ";", ".", False)),
    ("both marks: a point", b"a;b\n1,5;2.5\n", "a.csv", ("utf-8", ";", ".", False)),
    (
        "digits of another script are no number",
        "a;b\n\u0661\u0662,\u0665;2\n".encode(),
        "a.csv",
        ("utf-8", ";", ".", False),
    ),
    ("grouped with points", b"a;b\n1.234,50;2\n", "a.csv", ("utf-8", ";", ",", False)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "name", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_the_dialect_is_chosen_by_the_head(
    head_of: Callable[..., CsvHead], content: bytes, name: str, expected: tuple[str, str, str, bool]
) -> None:
    found = head_of(content, name)
    dialect = found.dialect
    assert expected == (
        dialect.encoding, dialect.delimiter, dialect.decimal, found.encoding_is_guess
    )  # fmt: skip


def test_cells_of_a_code_page_are_the_letters_that_were_written(
    head_of: Callable[..., CsvHead],
) -> None:
    rows = head_of(VIETNAMESE.encode("cp1258")).sheet.rows
    assert unicodedata.normalize("NFC", rows[1].cells[1][0] or "") == "Nguyễn Văn An, Hà Nội"


def test_a_wish_is_followed_and_a_mark_that_proves_it_wrong_is_told(
    head_of: Callable[..., CsvHead],
) -> None:
    wished = head_of(ORDERS.encode("cp1252"), encoding="windows-1250", delimiter=",", decimal=".")
    assert dialect_name(wished.dialect) == (
        "windows-1250 text, cells between commas, decimal point"
    )
    assert not wished.encoding_is_guess
    with pytest.raises(CsvError, match=r"ENCODING_INVALID.*byte order mark of utf-8"):
        head_of(codecs.BOM_UTF8 + b"a\n", encoding="windows-1252")
    assert head_of(ORDERS.encode("utf-16"), encoding="utf-16-le").sheet.rows[0].cells[0][0] == "id"


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        b"  <!DOCTYPE html><table>",
        codecs.BOM_UTF8 + b"<html>",
        b'{"a": 1}',
        b'[{"a": 1}]',
        bytes(range(256)) * 4,
    ],
)
def test_what_is_no_table_in_text_is_refused_by_name(
    head_of: Callable[..., CsvHead], content: bytes
) -> None:
    with pytest.raises(CsvError, match="NOT_TEXT"):
        head_of(content)


def test_two_delimiters_that_fit_equally_well_are_not_chosen_between(
    head_of: Callable[..., CsvHead],
) -> None:
    content = b"net, euro;gross, euro\n1,50;1,80\n"
    with pytest.raises(CsvError, match=r"DELIMITER_AMBIGUOUS.*commas and by semicolons"):
        head_of(content)
    assert len(head_of(content, delimiter=";").sheet.rows[0].cells) == 2


def test_rows_are_counted_in_a_short_file_and_estimated_by_bytes_in_a_long_one(
    head_of: Callable[..., CsvHead],
) -> None:
    assert head_of(b"a,b\n\n1,2\n").sheet.estimated_rows == 2
    row = b"12345678,abcdef\n"
    rows = 3 * 1024 * 1024 // len(row)
    assert head_of(row * rows).sheet.estimated_rows == pytest.approx(rows, rel=0.01)


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (b"PK\x03\x04", "orders.csv", FileKind.WORKBOOK),
        (b"PK\x03\x04", "", FileKind.WORKBOOK),
        (b"\xd0\xcf\x11\xe0", "old.csv", FileKind.WORKBOOK),
        (b"a,b\n1,2", "orders.XLSX", FileKind.WORKBOOK),
        (b"a,b\n1,2", "orders.csv", FileKind.TEXT),
        (b"a,b\n1,2", "orders", FileKind.TEXT),
        (b"", "", FileKind.TEXT),
    ],
)
def test_a_files_kind_is_told_by_its_content_then_by_its_name(
    head: bytes, name: str, kind: FileKind
) -> None:
    assert kind_of_file(head, name) is kind
