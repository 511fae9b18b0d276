"""Programs that only tests need: the system's, else unpacked from their Debian package.

Nothing is installed, so no daemon starts by itself and the machine stays as it was.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from devstack.errors import PartUnavailableError
from devstack.locations import cache_folder
from devstack.locks import waiting_lock

_PACKAGES = {
    "nginx": ("nginx", "usr/sbin/nginx"),
    "promtool": ("prometheus", "usr/bin/promtool"),
}
ADMIN_FOLDERS = os.pathsep.join(("/usr/local/sbin", "/usr/sbin", "/sbin"))
"""Where servers are, off the PATH of most users."""


def tool_for_tests(name: str) -> Path:
    """The path of `nginx` or `promtool`.

    Raises:
        PartUnavailableError: it is not on this machine and cannot be fetched.
    """
    search = os.pathsep.join((os.environ.get("PATH", ""), ADMIN_FOLDERS))
    if found := shutil.which(name, path=search):
        return Path(found)
    package, inside = _PACKAGES[name]
    folder = cache_folder() / "unpacked"
    program = folder / package / inside
    with waiting_lock(folder / f"{package}.lock"):
        if not program.exists():
            _unpack(package, folder)
    return program


def _unpack(package: str, folder: Path) -> None:
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise PartUnavailableError(f"{package} is not installed")
    with tempfile.TemporaryDirectory(dir=folder) as fresh:
        try:
            _run(["apt-get", "download", "-q", package], Path(fresh))
        except PartUnavailableError:
            # The lists of packages may never have been fetched; only root can do that
            _run(["apt-get", "update", "-q"], Path(fresh))
            _run(["apt-get", "download", "-q", package], Path(fresh))
        found = next(Path(fresh).glob("*.deb"))
        _run(["dpkg", "-x", str(found), package], Path(fresh))
        Path(fresh, package).rename(folder / package)


def _run(command: list[str], cwd: Path) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)  # noqa: S603 - fixed argv
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["no reason was given"]
        raise PartUnavailableError(f"`{' '.join(command)}` failed: {said[-1]}")
