"""The fuzz target that libFuzzer drives, guided by coverage; `run_fuzz.py` starts it.

Findings are kept, the smallest of each cause, and fuzzing goes on. A hang or a crash ends the
process; libFuzzer keeps the input that did it.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import sys
import tempfile
import traceback
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["xlsx_reader", "zipfile"]):
    from fuzz_oracle import Broken, check
    from fuzz_seeds import write_seeds, write_words

HANG_S = 120
"""By the clock, on a machine that others use too; the oracle limits CPU time far below."""
RSS_MIB = 512
ADDRESS_SPACE_MIB = 2048
MOST_INPUT_BYTES = 16_384
FOUND = Path(__file__).parent / "found"


class Findings:
    """Checks inputs and keeps those that break a rule."""

    def __init__(self, folder: Path, scratch: Path) -> None:
        self._kept: dict[str, Path] = {}
        self._folder = folder
        self._scratch = scratch

    def one_input(self, data: bytes) -> None:
        try:
            check(data, self._scratch)
        except Broken as error:
            self._keep(data, error.what, str(error))
        except Exception as error:  # noqa: BLE001 - whatever is no WorkbookError is a finding
            frame = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{Path(frame.filename).name}:{frame.lineno}"
            self._keep(data, f"{type(error).__name__} at {place}", str(error))

    def _keep(self, data: bytes, cause: str, message: str) -> None:
        kept = self._kept.get(cause)
        if kept is None:
            digest = hashlib.sha256(cause.encode()).hexdigest()[:12]
            kept = self._kept[cause] = self._folder / f"finding-{digest}"
            sys.stderr.write(f"FINDING {cause} | {message[:300]} | {kept}\n")
        elif len(data) >= kept.stat().st_size:
            return
        kept.write_bytes(data)


def main() -> None:
    arguments = _arguments()
    work = Path(arguments.work)
    corpus, findings, seeds = work / "corpus", work / "findings", work / "seeds"
    for folder in (corpus, findings, seeds):
        folder.mkdir(parents=True, exist_ok=True)
    write_seeds(seeds)
    write_words(work / "words")
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_MIB << 20, ADDRESS_SPACE_MIB << 20))
    with tempfile.TemporaryDirectory(prefix="fuzz-", dir=work) as scratch:
        atheris.Setup(
            [
                sys.argv[0],
                f"-max_total_time={arguments.seconds}",
                f"-max_len={MOST_INPUT_BYTES}",
                f"-timeout={HANG_S}",
                f"-rss_limit_mb={RSS_MIB}",
                f"-dict={work / 'words'}",
                f"-artifact_prefix={findings}/",
                "-print_final_stats=1",
                *map(str, (corpus, seeds, FOUND)),
            ],
            Findings(findings, Path(scratch) / "book.xlsx").one_input,
        )
        atheris.Fuzz()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, required=True)
    parser.add_argument("--work", required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
