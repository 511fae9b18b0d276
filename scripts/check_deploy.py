"""`make check-deploy`: build what deploys Sluice, as far as a machine without Docker can.

The overlay is built by kustomize (`go run` where it is not installed) and each object compared with
Kubernetes' own schemas; `docker compose config` reads the compose file where Docker is; each
Dockerfile's steps are replayed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import kubernetes_validate
import yaml
from scripts.replay_dockerfile import replay_all

ROOT = Path(__file__).parents[1]
OVERLAY = ROOT / "deploy/kubernetes/overlays/example"
KUSTOMIZE = "sigs.k8s.io/kustomize/kustomize/v5@v5.7.1"


def built() -> str:
    """Return the overlay as kustomize builds it; raises `SystemExit` where it cannot be built."""
    if found := shutil.which("kustomize"):
        command = [found]
    elif found := shutil.which("go"):
        command = [found, "run", KUSTOMIZE]
    else:
        raise SystemExit("neither kustomize nor go is installed")
    command = [*command, "build", str(OVERLAY)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed argv
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout


def check_cluster() -> None:
    """Compare each object with its schema; raises `SystemExit` with what is wrong."""
    version = kubernetes_validate.latest_version()
    counted = 0
    for document in yaml.safe_load_all(built()):
        if "keda" in document["apiVersion"]:
            continue
        try:
            kubernetes_validate.validate(document, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            name = f"{document['kind']} {document['metadata']['name']}"
            raise SystemExit(f"{name}: {error}") from error
        counted += 1
    print(f"the overlay: {counted} objects are as Kubernetes {version} wants them")


def check_compose() -> None:
    """Let Docker read the compose file, where there is Docker."""
    docker = shutil.which("docker") or "docker"
    try:
        subprocess.run([docker, "compose", "version"], capture_output=True, check=True)  # noqa: S603 - fixed argv
    except (OSError, subprocess.CalledProcessError):
        print("docker-compose.yml: there is no `docker compose` here to read it")
        return
    subprocess.run([docker, "compose", "config", "--quiet"], cwd=ROOT, check=True)  # noqa: S603 - fixed argv
    print("docker-compose.yml: read by Docker")


def main() -> int:
    """Return the exit code."""
    check_compose()
    check_cluster()
    replay_all([])
    return 0


if __name__ == "__main__":
    sys.exit(main())
