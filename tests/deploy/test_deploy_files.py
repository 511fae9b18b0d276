"""What deploys Sluice names only what is there, and gives no more rights than are needed."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
from typing import TYPE_CHECKING, Any

import kubernetes_validate
import pytest
import yaml
from scripts.service_pins import members_of

import sluice.settings
from devstack.errors import PartUnavailableError
from devstack.locations import project_root
from devstack.unpacked import tool_for_tests

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROOT = project_root()
DEPLOY = ROOT / "deploy"
SERVICES = ("upload-api", "parser", "writer", "progress-gateway")
COMPILED = {
    "upload-api": {"libs/xlsx-tokenizer"},
    "parser": {"libs/xlsx-tokenizer"},
    "writer": {"libs/copy-encoder"},
}
DOCKERFILES = [ROOT / "services" / service / "Dockerfile" for service in SERVICES]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
OURS = {name: part for name, part in COMPOSE["services"].items() if "build" in part}
CLUSTER = [
    (file.relative_to(DEPLOY), number, document)
    for folder in ("base", "overlays", "components")
    for file in sorted((DEPLOY / "kubernetes" / folder).rglob("*.yaml"))
    for number, document in enumerate(yaml.safe_load_all(file.read_text(encoding="utf-8")))
]
NOT_SETTINGS = {"SLUICE_DEMO_USER", "SLUICE_DEMO_PASSWORD", "SLUICE_TARGETS_DIR"}
"""What commands are told by the environment alone."""


def known_settings() -> set[str]:
    """Return every variable that some process reads, also as `…_FILE`."""
    modules = [
        sluice.settings,
        *(importlib.import_module(f"{s.replace('-', '_')}.settings") for s in SERVICES),
    ]
    names = {
        f"SLUICE_{field}".upper()
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, sluice.settings.Settings)
        for field in kind.model_fields
    }
    return names | {f"{name}_FILE" for name in names} | NOT_SETTINGS


def test_compose_tells_services_only_what_they_read() -> None:
    told = {name for part in OURS.values() for name in part["environment"]}
    assert told - known_settings() == set()


def test_the_cluster_tells_services_only_what_they_read() -> None:
    lines = (DEPLOY / "kubernetes/base/sluice.env").read_text(encoding="utf-8").splitlines()
    told = {line.partition("=")[0] for line in lines}
    told |= set(re.findall(r"name: (SLUICE_\w+)", _cluster_text()))
    assert told - known_settings() == set()


def test_every_secret_file_of_the_cluster_is_a_key_of_its_secret() -> None:
    env = (DEPLOY / "kubernetes/base/sluice.env").read_text(encoding="utf-8")
    wanted = set(re.findall(r"/secrets/([\w.-]+)", env))
    overlay = (DEPLOY / "kubernetes/overlays/example/kustomization.yaml").read_text(
        encoding="utf-8"
    )
    assert wanted <= set(re.findall(r"- ([\w.-]+)=", overlay))


def test_compose_runs_every_process_without_rights() -> None:
    commands = {" ".join(part["command"][-2:]) for part in OURS.values()}
    for process in ("upload_api", "parser", "writer", "fold", "settler", "http"):
        assert any(command.endswith(process) for command in commands), process
    for name, part in OURS.items():
        assert part["read_only"], name
        assert part["cap_drop"] == ["ALL"], name
        assert part["security_opt"] == ["no-new-privileges:true"], name
        assert name == "prepare" or "memory" in part["deploy"]["resources"]["limits"], name
        assert name == "prepare" or "test" in part["healthcheck"], name


def test_compose_publishes_on_the_loopback_and_needs_no_variable() -> None:
    for name, part in COMPOSE["services"].items():
        for port in part.get("ports", []):
            assert port.startswith("127.0.0.1:"), (name, port)
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert re.findall(r"\$\{\w+(?!\w|:-)", text) == []


def test_every_image_is_of_a_version() -> None:
    images = [part["image"] for part in COMPOSE["services"].values() if "build" not in part]
    for dockerfile in DOCKERFILES:
        images += re.findall(r"(?m)^FROM (\S+)", dockerfile.read_text(encoding="utf-8"))
    for image in images:
        assert re.search(r":[\w.-]*\d+\.\d+", image), image


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_holds_its_service_and_what_that_imports(service: str) -> None:
    text = (ROOT / "services" / service / "Dockerfile").read_text(encoding="utf-8")
    copied = set(re.findall(r"(?m)^COPY ((?:libs|services)/[\w-]+) ", text))
    needed = {str(folder.relative_to(ROOT)) for folder in members_of(service)}
    assert copied == needed | COMPILED.get(service, set())
    assert "--require-hashes" in text
    assert re.search(r"(?m)^USER 10001", text.split("FROM")[-1])


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_installs_what_the_tests_ran_with(service: str) -> None:
    whole = _pins(ROOT / "requirements.txt")
    for name, version in _pins(ROOT / "services" / service / "requirements.txt").items():
        assert whole.get(name) == version, f"{name} {version}: run `make pins`"


@pytest.mark.parametrize(
    ("file", "document"),
    [(file, document) for file, _, document in CLUSTER],
    ids=[f"{file.stem}-{number}" for file, number, _ in CLUSTER],
)
def test_the_cluster_knows_what_it_is_told(file: Path, document: dict[str, Any]) -> None:
    version = kubernetes_validate.latest_version()
    if "kustomize" in document["apiVersion"] or "keda" in document["apiVersion"]:
        pytest.skip("a kind that is not Kubernetes' own: `make check-deploy` builds it")
    if file.name in {"pod.yaml", "probes.yaml", "pod-of-job.yaml"}:
        pytest.skip("a patch: `make check-deploy` builds what it is laid over")
    kubernetes_validate.validate(document, version, strict=True)


def test_nginx_takes_its_configuration(tmp_path: Path) -> None:
    try:
        nginx = tool_for_tests("nginx")
    except PartUnavailableError as reason:
        if "CI" in os.environ:
            raise
        pytest.skip(str(reason))
    for name in ("nginx.conf", "sluice.conf", "listen.conf"):
        (tmp_path / name).write_text((DEPLOY / "nginx" / name).read_text(encoding="utf-8"))
    # Debian's is older than `resolve`, and the names are Docker's
    hosts = "".join(
        f"upstream {name} {{ server 127.0.0.1:{port}; }}\n"
        for name, port in (("sluice_gateways", 8080), ("sluice_upload_apis", 8000))
    )
    (tmp_path / "upstreams.conf").write_text(hosts)
    told = [
        str(nginx),
        "-t",
        "-p",
        str(tmp_path),
        "-c",
        str(tmp_path / "nginx.conf"),
        "-e",
        "stderr",
    ]
    run = subprocess.run(told, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("name", ["upstreams.conf", "upstreams-kubernetes.conf"])
def test_nginx_looks_for_services_where_they_are(name: str) -> None:
    text = (DEPLOY / "nginx" / name).read_text(encoding="utf-8")
    assert set(re.findall(r"upstream (\w+)", text)) == {"sluice_gateways", "sluice_upload_apis"}
    for service, port in (("upload-api", 8000), ("progress-gateway", 8080)):
        assert f"server {service}:{port} " in text
        assert OURS[service]["environment"]["SLUICE_HTTP_PORT"] == str(port)


def _cluster_text() -> str:
    return "".join(
        file.read_text(encoding="utf-8") for file in (DEPLOY / "kubernetes").rglob("*.yaml")
    )


def _pins(file: Path) -> dict[str, str]:
    return dict(_pairs(file))


def _pairs(file: Path) -> Iterator[tuple[str, str]]:
    for line in file.read_text(encoding="utf-8").splitlines():
        if found := re.match(r"([\w.-]+)(?:\[[\w,]+\])?==([\w.]+)", line):
            yield found[1], found[2]
