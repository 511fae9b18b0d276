"""Runs one program and writes down what it and its children took.

    launch.py REPORT PROGRAM ARGUMENT…

A process of its own, and a small one: what the kernel says of the largest process that was waited
for begins with the size of the one that started it.
"""

import json
import os
import sys
import time
from pathlib import Path


def main(report: str, *argv: str) -> int:
    begin_s = time.monotonic()
    pid = os.posix_spawn(argv[0], argv, os.environ)
    _, status, used = os.wait4(pid, 0)
    took = {
        "wall_s": time.monotonic() - begin_s,
        "cpu_s": used.ru_utime + used.ru_stime,
        "peak_mb": used.ru_maxrss / 1024,
    }
    Path(report).write_text(json.dumps(took), encoding="utf-8")
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
