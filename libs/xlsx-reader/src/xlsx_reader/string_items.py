"""Split sharedStrings.xml into its strings: whole blocks at once, or through expat."""

import re
from collections.abc import Callable
from typing import Protocol

from xlsx_reader.errors import WorkbookError
from xlsx_reader.limits import Limits
from xlsx_reader.xml_parser import GuardedParser, local_name
from xlsx_reader.xml_text import MalformedText, decode_entities, encode_entities, holds_forbidden

_HEAD = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>)?\s*<sst(?:\s[^<>]*)?>")
_OTHER_ENCODING = re.compile(rb"""encoding=["'](?!utf-8["'])""", re.IGNORECASE)
_MOST_HEAD_BYTES = 64 * 1024
_ITEM_END = b"</si>"
_OPENING, _CLOSING = b"<si><t>", b"</t></si>"
# sst/si/t and sst/si/r/t: rPh/t, the phonetic reading, is not part of the text.
_ITEM, _TEXT, _RICH_TEXT = 2, 3, 4


class StringSink(Protocol):
    """Takes raw strings joined by `<`, with the length of each in bytes."""

    @property
    def count(self) -> int: ...

    def append(self, joined: bytes, lengths: list[int]) -> None: ...


class StringItems:
    """Takes the part in blocks and fills the store; goes over to expat for good when it must."""

    def __init__(self, place: str, limits: Limits, store: StringSink) -> None:
        self.may_hold_empty = False
        self.longest = 0
        self._place = place
        self._limits = limits
        self._store = store
        self._pending = b""
        self._head: bytes | None = None
        self._strict: _ItemEvents | None = None

    def feed(self, block: bytes) -> None:
        if self._strict is not None:
            self._strict.parser.feed(block)
            self._strict.flush()
            return
        self._pending += block
        if self._head is None and not self._read_head():
            return
        self._take_items()

    def finish(self) -> None:
        if self._strict is None:
            self._go_strict()
        if self._strict is not None:
            self._strict.parser.feed(b"", last=True)
            self._strict.flush()

    def _read_head(self) -> bool:
        """Take everything before the first string; False when more bytes are needed, or expat."""
        match = _HEAD.match(self._pending)
        if match is not None and not _OTHER_ENCODING.search(match[0]):
            self._head = match[0]
            self._pending = self._pending[match.end() :]
            return True
        if match is not None or len(self._pending) > _MOST_HEAD_BYTES:
            self._go_strict()
        return False

    def _go_strict(self) -> None:
        self._strict = _ItemEvents(self._place, self._limits, self._add)
        self._strict.parser.feed((self._head or b"") + self._pending)
        self._strict.flush()
        self._pending = b""

    def _take_items(self) -> None:
        cut = self._pending.rfind(_ITEM_END)
        if cut < 0:
            if len(self._pending) > self._limits.max_held_cell_chars * 2:
                self._go_strict()  # which refuses a string that is too long as it comes
            return
        cut += len(_ITEM_END)
        region = self._pending[:cut]
        if self._take_plain(region):
            self._pending = self._pending[cut:]
        elif _is_unusual(region):
            self._go_strict()
        else:
            self._pending = self._pending[cut:]
            self._take_region_by_events(region)

    def _take_plain(self, region: bytes) -> bool:
        """Take a region of plain items; False when there is any other item in it."""
        joined = None if _is_unusual(region) else _plain_items(region)
        if joined is not None:
            self._append(joined)
        return joined is not None

    def _take_region_by_events(self, region: bytes) -> None:
        events = _ItemEvents(self._place, self._limits, self._add)
        events.parser.feed(b"<sst>" + region + b"</sst>", last=True)
        events.flush()

    def _add(self, raws: list[str]) -> None:
        if raws:
            self._append("<".join(raws).encode("utf-8", "surrogatepass"))

    def _append(self, joined: bytes) -> None:
        try:
            decode_entities(joined.decode())
        except (UnicodeDecodeError, MalformedText) as error:
            raise string_malformed(self._place, self._store.count, error) from error
        raws = joined.split(b"<")
        lengths = list(map(len, raws))
        self.longest = max(self.longest, *lengths)
        if self.longest > self._limits.max_held_cell_chars:
            self._check_lengths(raws)
        if not self.may_hold_empty:
            # `_x` escapes never shrink to nothing, so an empty text is an empty raw text.
            self.may_hold_empty = 0 in lengths
        self._store.append(joined, lengths)

    def _check_lengths(self, raws: list[bytes]) -> None:
        for index, raw in enumerate(raws, self._store.count):
            if len(raw) <= self._limits.max_held_cell_chars:
                continue
            text = decode_entities(raw.decode())
            if len(text) > self._limits.max_held_cell_chars:
                raise string_too_long(self._place, self._limits, index)


def _is_unusual(region: bytes) -> bool:
    return b"<!" in region or b"<?" in region or b"]]>" in region or holds_forbidden(region)


def _plain_items(region: bytes) -> bytes | None:
    """The raw texts of a region of plain items joined by `<`; None when there is any other item.

    Three replaces and a count, all in C: 0.1 s for a million strings.
    """
    if b" xml:space" in region:
        region = region.replace(b'<t xml:space="preserve">', b"<t>")
    if b"/>" in region:
        region = region.replace(b"<t/>", b"<t></t>")
    if not (region.startswith(_OPENING) and region.endswith(_CLOSING)):
        return None
    items = region.count(_ITEM_END)
    joined = region[len(_OPENING) : -len(_CLOSING)].replace(_CLOSING + _OPENING, b"<")
    if joined.count(b"<") != items - 1:
        return None
    if b"\r" in joined:
        joined = joined.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return joined


class _ItemEvents:
    """Strings from expat's events."""

    def __init__(self, place: str, limits: Limits, sink: Callable[[list[str]], None]) -> None:
        self._place = place
        self._limits = limits
        self._sink = sink
        self._most_chars = limits.max_held_cell_chars
        self._found: list[str] = []
        self._item: list[str] = []
        self._item_chars = 0
        self._in_run = False
        self._collecting = False
        self.parser = GuardedParser(place, limits.max_xml_depth, self._start, self._end, self._text)

    def flush(self) -> None:
        self._sink(self._found)
        self._found = []

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        depth = self.parser.depth
        name = local_name(name)
        if depth == _ITEM and name == "si":
            self._item = []
            self._item_chars = 0
        elif depth == _TEXT:
            self._in_run = name == "r"
            self._collecting = name == "t"
        elif depth == _RICH_TEXT:
            self._collecting = self._in_run and name == "t"

    def _end(self, name: str) -> None:
        depth = self.parser.depth
        if depth in (_TEXT, _RICH_TEXT):
            self._collecting = False
        elif depth == _ITEM and local_name(name) == "si":
            self._found.append(encode_entities("".join(self._item)))

    def _text(self, text: str) -> None:
        if not self._collecting:
            return
        self._item.append(text)
        self._item_chars += len(text)
        if self._item_chars > self._most_chars:
            raise string_too_long(self._place, self._limits, None)


def string_malformed(place: str, index: int, error: object) -> WorkbookError:
    """The refusal of a shared string, at an index or soon after, that is no text XML allows."""
    return WorkbookError(
        "XML_MALFORMED",
        f"Its text is damaged ({error}). Open the workbook in Excel and save it again.",
        f"{place}, string {index}",
    )


def string_too_long(place: str, limits: Limits, index: int | None) -> WorkbookError:
    """The refusal of a shared string with more text than Excel allows."""
    return WorkbookError(
        "CELL_TOO_LONG",
        f"A text holds more than {limits.max_held_cell_chars} characters; Excel itself takes"
        f" {limits.max_cell_chars}. Shorten it.",
        place if index is None else f"{place}, string {index}",
    )
