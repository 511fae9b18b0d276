"""What other stacks keep or have left: their ports, their folders, their processes."""

import shutil
from pathlib import Path

from devstack.locations import stacks_folder
from devstack.locks import FileLock
from devstack.state import read_state
from devstack.strays import end_strays


def remove_dead_stacks() -> None:
    """Remove ephemeral stacks whose process has ended without removing them."""
    if not stacks_folder().exists():
        return
    for folder in stacks_folder().iterdir():
        state = read_state(folder) if folder.is_dir() else {}
        lock = FileLock(folder / "lock")
        if state.get("ephemeral") and lock.try_acquire():
            end_strays(state)
            remove_folder(folder)
            lock.release()


def remove_folder(folder: Path) -> None:
    """Remove a stack's folder, and the PostgreSQL cluster it may keep elsewhere."""
    elsewhere = folder / "postgres.home"
    if elsewhere.exists():
        shutil.rmtree(elsewhere.read_text(), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def ports_of_others(folder: Path) -> set[int]:
    """The ports that other stacks remember, whether they are up or not."""
    others = [found for found in folder.parent.iterdir() if found != folder and found.is_dir()]
    return {port for other in others for port in read_state(other).get("ports", {}).values()}
