"""Disks of a tmpfs that can be full from one moment to the next: a remount to what is used."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOMY_KIB = 2 * 1024 * 1024
PAGE_KIB = 4
MOUNTS = Path("/proc/self/mounts")


class SmallDisk:
    """One tmpfs; it takes memory only for what is in it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def mount(self) -> None:
        self.path.mkdir(exist_ok=True)
        _run("mount", "-t", "tmpfs", "-o", f"size={ROOMY_KIB}k,mode=0755", "tmpfs", self.path)

    def unmount(self) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):
            _run("umount", "--lazy", self.path)

    def fill(self) -> None:
        """From now on hardly a byte more goes in; it may have grown since it was measured."""
        for slack_kib in (0, 256, 1024, 4096):
            used_kib = -(-shutil.disk_usage(self.path).used // 1024)
            with contextlib.suppress(subprocess.CalledProcessError):
                self._resize(max(PAGE_KIB, used_kib + slack_kib))
                return
        raise AssertionError(f"{self.path} grows too fast to be filled")

    def make_room(self) -> None:
        self._resize(ROOMY_KIB)

    def _resize(self, size_kib: int) -> None:
        _run("mount", "-o", f"remount,size={size_kib}k", self.path)


def disks_are_possible() -> str | None:
    """Return why disks cannot be made here, or None."""
    if os.geteuid() != 0:
        return "mounting a tmpfs needs root"
    probe = Path(f"/var/tmp/sluice-disk-probe-{os.getpid()}")  # noqa: S108 - ours, removed below
    disk = SmallDisk(probe)
    try:
        disk.mount()
        disk.fill()
        disk.unmount()
    except (OSError, subprocess.CalledProcessError) as error:
        return f"no tmpfs can be mounted: {error}"
    finally:
        with contextlib.suppress(OSError):
            probe.rmdir()
    return None


def unmount_forgotten(folder: Path, prefix: str) -> None:
    """Unmount the disks of a run that was killed."""
    for path in _mounted_below(folder, prefix):
        world = folder / path.relative_to(folder).parts[0]
        owner = world.name.rpartition("-")[2]
        if owner.isdigit() and not Path("/proc", owner).exists():
            SmallDisk(path).unmount()
            shutil.rmtree(world, ignore_errors=True)


def _mounted_below(folder: Path, prefix: str) -> Iterator[Path]:
    for line in MOUNTS.read_text().splitlines():
        path = line.split()[1]
        if path.startswith(f"{folder}/{prefix}"):
            yield Path(path)


def _run(*argv: object) -> None:
    subprocess.run([str(part) for part in argv], check=True, capture_output=True)
