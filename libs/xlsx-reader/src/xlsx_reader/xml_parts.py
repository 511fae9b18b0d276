"""Expat as the small parts are read with it: no DTD, bounded depth, both OOXML namespaces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from xlsx_reader.errors import WorkbookError
from xlsx_reader.xml_parser import refuse_long_token

if TYPE_CHECKING:
    from collections.abc import Callable

    from xlsx_reader.limits import Limits
    from xlsx_reader.part_stream import PartStream

MAIN_NAMESPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
RELATIONSHIP_NAMESPACES = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)
# A code point that no namespace holds and no XML document may contain.
SEPARATOR = "\x1f"


def main_names(local: str) -> tuple[str, str]:
    """Return the two qualified names (transitional, strict) of a spreadsheet element."""
    transitional, strict = MAIN_NAMESPACES
    return transitional + SEPARATOR + local, strict + SEPARATOR + local


def main_table(*locals_: str) -> dict[str, str]:
    """Return both qualified names of each given element → its local name."""
    return {name: local for local in locals_ for name in main_names(local)}


class PartParser:
    """One expat parser with the guards on; subclasses say what its events mean."""

    def __init__(self, place: str, limits: Limits) -> None:
        self.place = place
        self._max_depth = limits.max_xml_depth
        self.depth = 0
        self._fed = 0
        # A private table of interned names: the shared one would never be freed.
        self.expat = expat.ParserCreate(None, SEPARATOR, intern={})
        self.expat.buffer_text = True
        self.expat.StartDoctypeDeclHandler = self._refuse_doctype
        self.expat.StartElementHandler = self._start
        self.expat.EndElementHandler = self._end
        if hasattr(self.expat, "SetReparseDeferralEnabled"):
            # Deferral holds back complete tokens; what was fed must be told at once here.
            self.expat.SetReparseDeferralEnabled(False)

    def started(self, name: str, attributes: dict[str, str]) -> None:
        """Take the start of an element; `depth` already counts it."""

    def ended(self, name: str) -> None:
        """Take the end of an element; `depth` still counts it."""

    def feed(self, data: bytes, *, final: bool = False) -> None:
        """Parse some more.

        Raises:
            WorkbookError: `XML_MALFORMED`, `XML_ENCODING`, `XML_DTD_FORBIDDEN`, `XML_TOO_DEEP`,
                `XML_TOKEN_TOO_LONG`.
        """
        self._fed += len(data)
        try:
            self.expat.Parse(data, final)
        except expat.ExpatError as error:
            raise _told(error, self.place) from None
        except (LookupError, ValueError) as error:
            if self.depth:
                raise
            message = f"The encoding of the XML is not supported ({error}). Save it with Excel."
            raise WorkbookError("XML_ENCODING", message, self.place) from None
        if not final:
            refuse_long_token(self.expat, self._fed, self.place)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > self._max_depth:
            message = f"The XML nests deeper than {self._max_depth} elements. Save it with Excel."
            raise WorkbookError("XML_TOO_DEEP", message, self.place)
        self.started(name, attributes)

    def _end(self, name: str) -> None:
        self.ended(name)
        self.depth -= 1

    def _refuse_doctype(self, *_: object) -> None:
        message = "The XML declares a document type, which no workbook needs. Save it with Excel."
        raise WorkbookError("XML_DTD_FORBIDDEN", message, self.place)


def _told(error: expat.ExpatError, place: str) -> WorkbookError:
    reason = expat.errors.messages.get(error.code, "unknown fault")
    if "encoding" in reason:
        message = f"The encoding of the XML is not supported ({reason}). Save it with Excel."
        return WorkbookError("XML_ENCODING", message, place)
    message = f"The XML is malformed ({reason}). Open the workbook in Excel and save it again."
    return WorkbookError("XML_MALFORMED", message, place)


class _Events(PartParser):
    """Hands every start of an element with its path of names to one function."""

    def __init__(
        self, place: str, limits: Limits, on_start: Callable[[tuple[str, ...], dict[str, str]], Any]
    ) -> None:
        super().__init__(place, limits)
        self._path: list[str] = []
        self._on_start = on_start

    def started(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name.rpartition(SEPARATOR)[2])
        self._on_start(tuple(self._path), attributes)

    def ended(self, name: str) -> None:  # noqa: ARG002 - the event's shape
        self._path.pop()


def read_small_part(
    stream: PartStream,
    limits: Limits,
    on_start: Callable[[tuple[str, ...], dict[str, str]], Any],
) -> None:
    """Parse a whole part, calling `on_start` with each element's path of local names."""
    events = _Events(stream.part, limits, on_start)
    while block := stream.read():
        events.feed(block)
    events.feed(b"", final=True)
