"""A run whose texts are the bytes that stand in the sheet, and become `str` only when asked for."""

from collections.abc import Sequence

from xlsx_reader.cells import RowRun

Utf8Texts = Sequence[bytes | None]


class Utf8Run(RowRun):
    """A `RowRun` like any other; `utf8_columns` spares who wants UTF-8 the way there and back.

    They are `columns` in valid UTF-8.
    """

    __slots__ = ("_texts", "utf8_columns")

    utf8_columns: Sequence[Utf8Texts]
    _texts: tuple[Sequence[str | None], ...] | None

    def __init__(
        self,
        lines: Sequence[int],
        utf8_columns: Sequence[Utf8Texts],
        tags: Sequence[bytes],
        end_offset: int,
    ) -> None:
        put = object.__setattr__
        put(self, "lines", lines)
        put(self, "utf8_columns", utf8_columns)
        put(self, "tags", tags)
        put(self, "end_offset", end_offset)
        put(self, "_texts", None)

    @property
    def columns(self) -> Sequence[Sequence[str | None]]:
        if self._texts is None:
            texts = tuple(map(_decoded, self.utf8_columns))
            object.__setattr__(self, "_texts", texts)
            return texts
        return self._texts


def _decoded(column: Utf8Texts) -> list[str | None]:
    return [None if text is None else text.decode() for text in column]
