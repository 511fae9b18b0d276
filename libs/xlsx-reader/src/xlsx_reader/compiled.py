"""Whether a compiled twin of the fast paths is installed here, and may be used."""

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import xlsx_tokenizer as native
else:
    try:
        import xlsx_tokenizer as native
    except ImportError:
        native = None

_INTERFACE = 3  # what this package asks of the twin; one of another number is left alone


def _is_usable() -> bool:
    is_wanted = os.environ.get("SLUICE_READER", "auto") != "python"
    return is_wanted and native is not None and native.INTERFACE == _INTERFACE


IS_COMPILED: Final = _is_usable()
READER_NAME: Final = "rust" if IS_COMPILED else "python"
"""Which reader runs, for logs; both give the same rows, lines, tags and refusals."""

Fault: Final[type[Exception]] = native.Fault if IS_COMPILED else RuntimeError
"""What the compiled twin raises for a fault of its own: the sheet is then read without it."""

__all__ = ["IS_COMPILED", "READER_NAME", "Fault", "native"]
