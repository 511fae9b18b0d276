"""Runs the commands that a stack needs done before its services start."""

import os
import signal
import subprocess
from collections.abc import Iterable
from pathlib import Path

from devstack.errors import StackError
from devstack.process import inherited_env, last_lines, spawn
from devstack.services import Preparation

WITHIN_S = 120.0


def prepare(commands: Iterable[Preparation], logs: Path, within_s: float = WITHIN_S) -> None:
    """Run the commands one after the other, each logged to `prepare-<name>.log`.

    Raises:
        StackError: one failed or took too long; with the last lines of its log.
    """
    for command in commands:
        log = logs / f"prepare-{command.name}.log"
        log.unlink(missing_ok=True)
        process = spawn(command.argv, env=inherited_env(command.env), log=log)
        try:
            code = process.wait(within_s)
            how = f"failed with code {code}"
        except subprocess.TimeoutExpired:
            code, how = 1, f"did not end within {within_s:.0f} s"
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if code != 0:
            raise StackError(
                f"preparing {command.name} {how} (`{' '.join(command.argv[1:])}`); "
                f"the end of {log}:\n{last_lines(log)}"
            )
