"""An expat parser that refuses DOCTYPEs, odd encodings and depth, and knows local names only."""

from collections.abc import Callable
from xml.parsers import expat

from xlsx_reader.errors import WorkbookError

_ENCODINGS = frozenset({"utf-8", "utf8", "utf-16", "us-ascii", "ascii", "iso-8859-1"})
_UNKNOWN_ENCODING = "unknown encoding"
# A parser holds a tag or a comment until it ends, and expat up to 2.5 looks at all of it again with
# every block that is fed. The longest sound tag is a few hundred bytes.
_MOST_TOKEN_BYTES = 1024 * 1024


def local_name(name: str) -> str:
    """The name without its namespace prefix: strict and transitional OOXML read the same."""
    return name.rpartition(":")[2]


def refuse_long_token(parser: expat.XMLParserType, fed_bytes: int, place: str) -> None:
    """Refuse to go on waiting for the end of one tag or comment."""
    if fed_bytes - max(0, parser.CurrentByteIndex) > _MOST_TOKEN_BYTES:
        raise WorkbookError(
            "XML_TOKEN_TOO_LONG",
            f"A tag or a comment of the XML is longer than {_MOST_TOKEN_BYTES} bytes."
            " Save the workbook again with Excel.",
            place,
        )


class GuardedParser:
    """Feeds expat and turns what it refuses into a WorkbookError with its place.

    `start` and `end` get names as they stand in the document; a subclass or the handlers choose.
    """

    def __init__(
        self,
        place: str,
        max_depth: int,
        start: Callable[[str, dict[str, str]], None],
        end: Callable[[str], None],
        text: Callable[[str], None],
    ) -> None:
        self.place = place
        self.depth = 0
        self._fed = 0
        self._max_depth = max_depth
        self._start = start
        self._end = end
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._on_start
        parser.EndElementHandler = self._on_end
        parser.CharacterDataHandler = text
        parser.StartDoctypeDeclHandler = self._on_doctype
        parser.XmlDeclHandler = self._on_declaration
        self.parser = parser

    def feed(self, data: bytes | str, *, last: bool = False) -> None:
        """Parse some more: bytes of a stream, or a text that is whole."""
        self._fed += len(data)
        try:
            self.parser.Parse(data, last)
        except expat.ExpatError as error:
            raise self._refusal(error) from error
        except (LookupError, ValueError) as error:
            raise WorkbookError(
                "XML_ENCODING",
                f"The encoding of the XML is not supported ({error}). Save it with Excel.",
                self.place,
            ) from error
        if not last:
            refuse_long_token(self.parser, self._fed, self.place)

    def _refusal(self, error: expat.ExpatError) -> WorkbookError:
        reason = expat.ErrorString(error.code) or "not well-formed"
        if reason == _UNKNOWN_ENCODING:
            return WorkbookError(
                "XML_ENCODING",
                "The encoding of the XML is not supported. Save it with Excel.",
                self.place,
            )
        return WorkbookError(
            "XML_MALFORMED",
            f"The XML is malformed ({reason}). Open the workbook in Excel and save it again.",
            self.place,
        )

    def _on_start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > self._max_depth:
            raise WorkbookError(
                "XML_TOO_DEEP",
                f"The XML nests deeper than {self._max_depth} elements. Save it with Excel.",
                self.place,
            )
        self._start(name, attributes)

    def _on_end(self, name: str) -> None:
        self._end(name)
        self.depth -= 1

    def _on_doctype(self, *_details: object) -> None:
        raise WorkbookError(
            "XML_DTD_FORBIDDEN",
            "The XML declares a document type, which no workbook needs. Save it with Excel.",
            self.place,
        )

    def _on_declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() not in _ENCODINGS:
            raise WorkbookError(
                "XML_ENCODING",
                f"The encoding {encoding[:40]!r} is not supported. Save the workbook with Excel.",
                self.place,
            )
