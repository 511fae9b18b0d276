"""Redis from the system or a wheel: in memory only, small, with a password."""

import os
import secrets
from pathlib import Path

from devstack.endpoints import Endpoint
from devstack.install import REDIS, require
from devstack.ports import PortBook
from devstack.service_spec import ServiceSpec
from devstack.state import read_or_make_secret

MAX_MEMORY = "128mb"


def native_redis(folder: Path, ports: PortBook) -> tuple[ServiceSpec, Endpoint]:
    """Prepare a server that keeps nothing on disk: losing Redis loses nothing.

    Raises:
        PartUnavailableError: no Redis is on this machine.
    """
    executable = require(REDIS)
    home = folder / "redis"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    password = read_or_make_secret(home / "password", secrets.token_urlsafe(18))
    port = ports.port("redis")
    settings = home / "redis.conf"
    settings.touch(mode=0o600)
    settings.write_text(
        f'bind 127.0.0.1\nport {port}\ndir "{home}"\nsave ""\nappendonly no\n'
        f"requirepass {password}\nmaxmemory {MAX_MEMORY}\nmaxmemory-policy allkeys-lru\n"
        "daemonize no\n"
    )
    address = f"redis://:{password}@127.0.0.1:{port}/0"
    spec = ServiceSpec(
        name="redis",
        argv=(str(executable), str(settings)),
        ready=address,
        env={"PATH": os.defpath},
        inherit_env=False,
        cwd=home,
    )
    return spec, Endpoint("redis", address, "native")
