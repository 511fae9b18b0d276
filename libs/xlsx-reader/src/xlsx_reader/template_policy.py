"""Decide when a row template is built anew, and when templates do not pay."""

from xlsx_reader.tokenizer import Tokenizer

_FIRST_ROWS = 24  # read by cell before the first template
_LEAST_ODD_ROWS = 4  # before another one
_ODD_SHARE = 256  # one odd row in so many is worth another template
_MOST_TEMPLATES = 24  # one costs 1 to 2 ms for ten columns
_TRIAL_ROWS = 4_000  # over which a template has to prove itself
_PAUSE_BLOCKS = 64  # by cell, before templates are tried again
_MOST_PAUSES = 8


class TemplatePolicy:
    """Counts rows that fitted and rows that did not; pure arithmetic."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._may_use = tokenizer is not Tokenizer.CELL
        self._may_pause = tokenizer in (Tokenizer.AUTO, Tokenizer.PYTHON)
        self._templates = 0
        self._matched = 0
        self._odd = 0
        self._trial_matched = 0
        self._trial_odd = 0
        self._next_odd = _FIRST_ROWS
        self._pause = 0
        self._pauses = 0

    @property
    def uses_templates(self) -> bool:
        return self._may_use and self._pause == 0

    @property
    def learns(self) -> bool:
        return self._templates < _MOST_TEMPLATES

    def matched(self, rows: int) -> None:
        self._matched += rows
        self._trial_matched += rows

    def saw_odd(self) -> None:
        self._odd += 1
        self._trial_odd += 1
        trial = self._trial_matched + self._trial_odd
        if trial >= _TRIAL_ROWS:
            # A template row costs half of a row by cell; an odd row costs both.
            if self._may_pause and self._trial_odd * 2 > trial:
                self._pauses += 1
                self._pause = _PAUSE_BLOCKS << min(self._pauses, _MOST_PAUSES)
            self._trial_matched = self._trial_odd = 0

    def skipped_block(self) -> None:
        """A block went by cell because templates did not pay."""
        if self._pause:
            self._pause -= 1

    def wants_template(self) -> bool:
        """Whether enough odd rows have come since the last one was built."""
        return self.learns and self._odd >= max(self._next_odd, self._matched // _ODD_SHARE)

    def built(self, *, is_new: bool) -> None:
        self._templates += 1
        self._odd = self._matched = 0
        self._next_odd = _LEAST_ODD_ROWS if is_new else self._next_odd * 4
