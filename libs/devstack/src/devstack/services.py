"""Sluice's own processes as data: how each is started, found ready, and what must come before."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from devstack.endpoints import Endpoints
from devstack.service_spec import ServiceSpec

DEMO_USER = "demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class SluiceOptions:
    """What a caller may choose about the services of a stack."""

    parsers: int = 1
    writers: int = 1
    env: Mapping[str, str] = field(default_factory=dict)
    env_of: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What one service alone is told, by its name; wins over `env`."""
    without: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """What the stack has decided for its services: folders, ports, the demo login."""

    folder: Path
    targets_dir: Path
    port: Callable[[str], int]
    password: str
    user: str = DEMO_USER

    @property
    def secret_file(self) -> Path:
        return self.folder / "jwt.secret"

    @property
    def upload_api_url(self) -> str:
        return f"http://127.0.0.1:{self.port('upload-api')}"

    @property
    def gateway_url(self) -> str:
        return f"http://127.0.0.1:{self.port('gateway')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """A command that may run again and again, and must succeed before the services start."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]


def common_env(
    endpoints: Endpoints, placement: Placement, options: SluiceOptions
) -> dict[str, str]:
    """What every service and preparation is told."""
    return {
        **endpoints.environment(),
        "SLUICE_STORAGE_URL": (placement.folder / "files").as_uri(),
        "SLUICE_JWT_SECRET_FILE": str(placement.secret_file),
        "SLUICE_HTTP_HOST": "127.0.0.1",
        "SLUICE_LOG_FORMAT": "json",
        "SLUICE_TARGETS_DIR": str(placement.targets_dir),
        "SLUICE_ENVIRONMENT": "demo",
        # Everybody who tries a local stack shares its one login.
        "SLUICE_MAX_UNFINISHED_JOBS": "200",
        "SLUICE_MAX_STREAMS": "1000",
        "SLUICE_MAX_STREAM_OPENINGS": "10000",
        "SLUICE_MAX_UPLOADS_PER_HOUR": "100000",
        "SLUICE_MAX_UPLOAD_BYTES_PER_DAY": str(1024**4),
        "SLUICE_MAX_SIGN_INS_OF_NAME": "1000",
        "SLUICE_MAX_SIGN_INS_OF_ADDRESS": "10000",
        **options.env,
    }


def preparations(
    endpoints: Endpoints, placement: Placement, options: SluiceOptions
) -> list[Preparation]:
    """What runs before the services, in this order."""
    env = common_env(endpoints, placement, options)
    login = {**env, "SLUICE_DEMO_USER": placement.user, "SLUICE_DEMO_PASSWORD": placement.password}
    return [
        Preparation(name="schema", argv=_module("sluice.db", "migrate"), env=env),
        Preparation(name="topics", argv=_module("sluice.kafka", "create-topics"), env=env),
        Preparation(
            name="target-tables", argv=_module("cli", "targets", "create-table", "--all"), env=env
        ),
        # The password goes by the environment: arguments are seen by every user of the machine.
        Preparation(name="demo-login", argv=_module("upload_api.add_user"), env=login),
    ]


def service_specs(
    endpoints: Endpoints, placement: Placement, options: SluiceOptions
) -> list[ServiceSpec]:
    """The services, in the order of their start; they are stopped in the reverse order."""
    env = common_env(endpoints, placement, options)
    gateway_env = {**env, "SLUICE_UPLOAD_API_URL": placement.upload_api_url}
    specs = [
        _http("upload-api", _module("upload_api"), env, placement.port("upload-api")),
        _worker("parser", _module("parser"), env, placement, options.parsers),
        _worker("writer", _module("writer"), env, placement, options.writers),
        _worker("progress-fold", _module("progress_gateway", "fold"), env, placement),
        _worker("progress-settler", _module("progress_gateway", "settler"), env, placement),
        _http(
            "progress-gateway",
            _module("progress_gateway", "http"),
            gateway_env,
            placement.port("gateway"),
        ),
    ]
    return [
        replace(spec, env={**spec.env, **options.env_of.get(spec.name, {})})
        for spec in specs
        if spec.name not in options.without
    ]


def port_names(options: SluiceOptions) -> list[str]:
    """The names of all ports that these services take."""
    asked: list[str] = []

    def note(name: str) -> int:
        asked.append(name)
        return 0

    nowhere = Placement(folder=Path("/"), targets_dir=Path("/"), port=note, password="")
    service_specs(Endpoints({}), nowhere, options)
    return list(dict.fromkeys(asked))


def _module(name: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", name, *arguments)


def _http(name: str, argv: tuple[str, ...], env: Mapping[str, str], port: int) -> ServiceSpec:
    return ServiceSpec(
        name=name,
        argv=argv,
        env={**env, "SLUICE_SERVICE": name, "SLUICE_HTTP_PORT": "{port}"},
        ready="http://127.0.0.1:{port}/readyz",
        live="http://127.0.0.1:{port}/livez",
        ports=(port,),
    )


def _worker(
    name: str,
    argv: tuple[str, ...],
    env: Mapping[str, str],
    placement: Placement,
    replicas: int = 1,
) -> ServiceSpec:
    """A service without HTTP of its own: it answers /readyz and /metrics on its metrics port."""
    names = [f"{name}-metrics-{number}" for number in range(1, replicas + 1)]
    return ServiceSpec(
        name=name,
        argv=argv,
        env={**env, "SLUICE_SERVICE": name, "SLUICE_METRICS_PORT": "{port}"},
        ready="http://127.0.0.1:{port}/readyz",
        live="http://127.0.0.1:{port}/livez",
        replicas=replicas,
        ports=tuple(placement.port(each) for each in names),
    )
