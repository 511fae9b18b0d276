"""Gather rows one at a time and turn them into a run by column."""

from xlsx_reader.cells import RowRun
from xlsx_reader.tokenizer import MOST_RUN_BYTES, StringTable


class RunBuilder:
    """Rows as lists of texts and tags, padded to the widest and turned over at the end."""

    def __init__(self, strings: StringTable) -> None:
        self._strings = strings
        self._may_hold_bytes = 0
        self.lines: list[int] = []
        self._texts: list[list[str | None]] = []
        self._tags: list[bytearray] = []
        self.width = 0

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def is_full(self) -> bool:
        """Whether its shared texts may be more than a run should hold."""
        return self._may_hold_bytes > MOST_RUN_BYTES

    def add(self, line: int, texts: list[str | None], tags: bytearray) -> None:
        """Take a row; its lists may be shorter or longer than those before it."""
        self.lines.append(line)
        self._texts.append(texts)
        self._tags.append(tags)
        self.width = max(self.width, len(texts))
        self._may_hold_bytes += len(texts) * self._strings.longest

    def build(self, end_offset: int) -> RowRun:
        """The run of all rows taken since the last one."""
        width = self.width
        for texts, tags in zip(self._texts, self._tags, strict=True):
            missing = width - len(texts)
            if missing:
                texts.extend([None] * missing)
                tags.extend(bytes(missing))
        columns = tuple(zip(*self._texts, strict=True))
        joined = b"".join(self._tags)
        tag_columns = tuple(joined[column::width] for column in range(width))
        run = RowRun(self.lines, columns, tag_columns, end_offset)
        self.__init__(self._strings)  # type: ignore[misc]  # starts over: the lists now belong to the run
        return run
