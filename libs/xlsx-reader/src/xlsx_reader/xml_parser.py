"""An expat parser that refuses DOCTYPEs, odd encodings and depth, and knows local names only."""

from collections.abc import Callable
from xml.parsers import expat

from xlsx_reader.errors import WorkbookError

_ENCODINGS = frozenset({"utf-8", "utf8", "utf-16", "us-ascii", "ascii", "iso-8859-1"})
_UNKNOWN_ENCODING = "unknown encoding"


def local_name(name: str) -> str:
    """The name without its namespace prefix: strict and transitional OOXML read the same."""
    return name.rpartition(":")[2]


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
        try:
            self.parser.Parse(data, last)
        except expat.ExpatError as error:
            raise self._refusal(error) from error
        except (LookupError, ValueError) as error:
            raise WorkbookError(
                "XML_ENCODING",
                f"its encoding cannot be read ({error}); save the workbook anew as .xlsx",
                self.place,
            ) from error

    def _refusal(self, error: expat.ExpatError) -> WorkbookError:
        reason = expat.ErrorString(error.code) or "not well-formed"
        if reason == _UNKNOWN_ENCODING:
            return WorkbookError(
                "XML_ENCODING",
                "its encoding cannot be read; save the workbook anew as .xlsx",
                self.place,
            )
        return WorkbookError(
            "XML_MALFORMED",
            f"its XML is damaged ({reason}); open the workbook in Excel and save it anew",
            self.place,
        )

    def _on_start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > self._max_depth:
            raise WorkbookError(
                "XML_TOO_DEEP",
                f"its XML is nested deeper than {self._max_depth}; save the workbook anew",
                self.place,
            )
        self._start(name, attributes)

    def _on_end(self, name: str) -> None:
        self._end(name)
        self.depth -= 1

    def _on_doctype(self, *_details: object) -> None:
        raise WorkbookError(
            "XML_DTD_FORBIDDEN",
            "it declares a DOCTYPE, which no spreadsheet program writes; save the workbook anew",
            self.place,
        )

    def _on_declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() not in _ENCODINGS:
            raise WorkbookError(
                "XML_ENCODING",
                f"the encoding {encoding!r} is not supported; save the workbook anew as .xlsx",
                self.place,
            )
