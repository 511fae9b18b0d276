"""XML that attacks whoever parses it, XML that is broken, and XML that is only unusual."""

from __future__ import annotations

from sample_data.corpus.case import Case, Fails, Refused, Verdict, accepted, number, text
from sample_data.corpus.parts import (
    HEADER,
    MAIN,
    SHEET,
    Part,
    Write,
    book,
    cell,
    column_of,
    data,
    inline,
    packed,
    row,
    shared_strings,
    sound_parts,
    workbook,
    worksheet,
)

_EXTERNAL = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
_LAUGHS = (
    "<!DOCTYPE x [<!ENTITY a0 'ha'>"
    + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))
    + "]>"
)
_QUADRATIC = f"<!DOCTYPE x [<!ENTITY e '{'x' * 50_000}'>]>"
_SMALL_ENTITY = "<!DOCTYPE x [<!ENTITY e 'x'>]>"
_ROW = row(2, cell("A2", "0", 't="s"'))
_SHEET = worksheet(HEADER + _ROW)
_STRINGS = shared_strings("<t>x</t>")


def _with(doctype: str, part: str, reference: str) -> str:
    """The part with a document type before its root, and a reference to what it declares."""
    at = part.index("?>") + 2
    return part[:at] + doctype + part[at:].replace("<t>x</t>", f"<t>{reference}</t>", 1)


def _forbidden(name: str, doctype: str, reference: str) -> tuple[Case, ...]:
    sheet = worksheet(HEADER + row(2, inline("A2", "x")))
    makers: dict[str, Write] = {
        "shared strings": book(_SHEET, strings=_with(doctype, _STRINGS, reference)),
        "sheet": book(_with(doctype, sheet, reference)),
        "workbook": book(_SHEET, strings=_STRINGS, workbook=_with(doctype, workbook(), "")),
    }
    return tuple(
        Case(
            name=f"{name} in the {part}",
            why="no spreadsheet program writes a document type: it is refused unread",
            write=write,
            must=Refused(code="XML_DTD_FORBIDDEN"),
        )
        for part, write in makers.items()
    )


_ATTACKS = (
    *_forbidden("C03 an external entity", _EXTERNAL, "&e;"),
    *_forbidden("C04 a billion laughs", _LAUGHS, "&a9;"),
    *_forbidden("C05 a quadratic blow-up", _QUADRATIC, "&e;" * 1_000),
    *_forbidden("C05b a harmless entity", _SMALL_ENTITY, "&e;"),
    Case(
        name="a document type in shared strings that no cell uses",
        why="it is looked at all the same",
        write=book(strings=_with(_EXTERNAL, _STRINGS, "&e;")),
        must=Refused(code="XML_DTD_FORBIDDEN"),
    ),
    Case(
        name="C06 200,000 nested elements",
        why="a depth of 64 is far above what a sheet needs",
        write=data(row(2, f'<c r="A2">{"<x>" * 200_000}{"</x>" * 200_000}</c>')),
        must=Refused(code="XML_TOO_DEEP"),
    ),
    Case(
        name="200,000 nested elements in the styles",
        why="each part is guarded",
        write=book(styles=f"<styleSheet>{'<x>' * 200_000}</styleSheet>"),
        must=Refused(code="XML_TOO_DEEP"),
    ),
)


def _broken(name: str, why: str, cells: str, code: str = "XML_MALFORMED") -> Case:
    return Case(name=name, why=why, write=data(row(2, cells)), must=Refused(code=code))


_BROKEN = (
    _broken("C16b a reference to NUL", "XML has no NUL", inline("A2", "&#0;")),
    _broken("C17b a reference to half a surrogate pair", "no character", inline("A2", "&#xD800;")),
    Case(
        name="C17d bytes that are no UTF-8",
        why="guessing would change texts",
        write=book(
            worksheet(HEADER + row(2, inline("A2", "caf@"))).encode().replace(b"f@", b"f\xe9")
        ),
        must=Refused(code="XML_MALFORMED", place="line 2"),
    ),
    _broken("an entity that is not XML's own", "nothing declares it", inline("A2", "a&nbsp;b")),
    _broken("a bare ampersand", "an exporter that does not escape", inline("A2", "R&D dept")),
    _broken("a bare less-than", "an exporter that does not escape", inline("A2", "a < b")),
    _broken("a control character", "XML forbids it", inline("A2", "a\x01b")),
    _broken("an attribute twice", "one of the two is wrong", '<c r="A2" s="1" s="2"><v>1</v></c>'),
    _broken("tags that cross", "no tree", '<c r="A2"><v>1</c></v>'),
    Case(
        name="a sheet that ends in mid-row",
        why="a program died while it saved",
        write=book(worksheet(HEADER + row(2, cell("A2", "1"))).partition("</row></sheetData>")[0]),
        must=Refused(code="XML_MALFORMED"),
    ),
    Case(
        name="a sheet that ends in mid-row 40,000",
        why="what the head does not show fails the job with the same code",
        write=book(
            worksheet(
                HEADER + column_of([cell("@", "123456789012")] * 39_998) + '<row r="40000">'
            ).partition("</sheetData>")[0]
        ),
        must=Fails(code="XML_MALFORMED", place="line 40000"),
    ),
    Case(
        name="damage behind the rows",
        why="what follows the rows is checked as well",
        write=book(worksheet(HEADER + _ROW.replace(' t="s"', ""), after="<mergeCells>")),
        must=Refused(code="XML_MALFORMED"),
    ),
    Case(
        name="a second sheetData",
        why="rows of which we would see only one half",
        write=book(worksheet(HEADER, after=f"<sheetData>{row(2, cell('A2', '1'))}</sheetData>")),
        must=accepted({2: (number("1"),)}),
    ),
    Case(
        name="an empty sheet part",
        why="0 bytes are no XML",
        write=book(""),
        must=Refused(code="XML_MALFORMED"),
    ),
    Case(
        name="a workbook part that is no XML",
        why="no sheets can be listed",
        write=book(workbook="sheets: S"),
        must=Refused(code="XML_MALFORMED", place="xl/workbook.xml"),
    ),
)

_PLAIN = worksheet(HEADER + row(2, inline("A2", "Ø x")))
_PLAIN_CELLS = accepted({2: (text("Ø x"),)})


def _encoded(name: str, why: str, sheet: Part, must: Verdict = _PLAIN_CELLS) -> Case:
    return Case(name=name, why=why, write=book(sheet), must=must)


def _declared(encoding: str) -> str:
    return _PLAIN.replace("UTF-8", encoding)


_UTF_7 = _declared("UTF-7").replace("Ø", "+ANg-").encode()
_PREFIXED = (
    f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="1"><x:c r="A1" t="inlineStr"><x:is>'
    '<x:t>a</x:t></x:is></x:c></x:row><x:row r="2"><x:c r="A2"><x:v>1</x:v></x:c></x:row>'
    "</x:sheetData></x:worksheet>"
)

_UNUSUAL = (
    _encoded(
        "C35 UTF-16, low byte first",
        "an encoding that every XML reader knows",
        _declared("UTF-16").encode("utf-16"),
    ),
    _encoded(
        "C35 UTF-16, high byte first",
        "an encoding that every XML reader knows",
        b"\xfe\xff" + _declared("UTF-16").encode("utf-16-be"),
    ),
    _encoded(
        "UTF-8 with a byte order mark",
        "some Windows programs write one",
        b"\xef\xbb\xbf" + _PLAIN.encode(),
    ),
    _encoded(
        "Latin-1, declared", "every byte is a character", _declared("ISO-8859-1").encode("latin-1")
    ),
    _encoded("C35b UTF-7", "it hides tags from scanners", _UTF_7, Refused(code="XML_ENCODING")),
    _encoded(
        "an encoding nobody knows",
        "guessing would change texts",
        _declared("x-klingon").encode(),
        Refused(code="XML_ENCODING"),
    ),
    Case(
        name="UTF-7 in the workbook",
        why="each part is guarded",
        write=book(workbook=workbook().replace("UTF-8", "UTF-7")),
        must=Refused(code="XML_ENCODING"),
    ),
    Case(
        name="every element behind a prefix",
        why="how some exporters write the namespace",
        write=book(_PREFIXED),
        must=accepted({2: (number("1"),)}),
    ),
    Case(
        name="no namespace at all",
        why="broken exporters forget it, and nothing is unclear",
        write=book(worksheet(HEADER + row(2, cell("A2", "1"))).replace(f' xmlns="{MAIN}"', "")),
        must=accepted({2: (number("1"),)}),
    ),
    Case(
        name="CDATA, comments and processing instructions",
        why="plain XML, if an unusual kind",
        write=data(
            '<!-- <row r="9"/> --><?x y?>'
            + row(2, '<c r="A2" t="inlineStr"><is><t><![CDATA[a < b]]></t></is></c>')
        ),
        must=accepted({2: (text("a < b"),)}),
    ),
    Case(
        name="line breaks and blanks between all tags",
        why="a pretty-printed sheet",
        write=book(worksheet(HEADER + row(2, cell("A2", "1"))).replace("><", ">\n   <")),
        must=accepted({2: (number("1"),)}),
    ),
    Case(
        name="attributes of an extension",
        why="what we do not know of a row or a cell does not concern us",
        write=data(
            '<row r="2" x14ac:dyDescent="0.25" xmlns:x14ac="urn:x" ht="15"><c r="A2" cm="1" vm="2">'
            '<v>1</v><extLst><ext uri="u"><v>2</v></ext></extLst></c></row>'
        ),
        must=accepted({2: (number("1"),)}),
    ),
    Case(
        name="single quotes around attributes",
        why="XML allows them",
        write=packed(
            {
                name: content.replace('"', "'")
                if name == SHEET and isinstance(content, str)
                else content
                for name, content in sound_parts().items()
            }
        ),
        must=accepted({2: (number("1"),)}),
    ),
)

CASES = (*_ATTACKS, *_BROKEN, *_UNUSUAL)
