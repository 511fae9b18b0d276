"""A server of the S3 API for trials and tests: moto's, with one bucket, in memory only.

It asks nobody who they are, and forgets everything when it ends: nothing that must stay belongs
here.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass

from devstack.service_spec import ServiceSpec

NAME = "s3"
BUCKET = "sluice"
PREFIX = "files"
# What the server believes of everybody; it is no secret of anything.
ANYBODY = "anybody"


@dataclass(frozen=True, slots=True)
class S3Server:
    """Where one listens."""

    port: int

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self, prefix: str = PREFIX) -> dict[str, str]:
        """The variables by which a service keeps its files there."""
        return {
            "SLUICE_STORAGE_URL": f"s3://{BUCKET}/{prefix}",
            "SLUICE_S3_ENDPOINT_URL": self.endpoint,
            "SLUICE_S3_REGION": "us-east-1",
            "SLUICE_S3_ACCESS_KEY_ID": ANYBODY,
            "SLUICE_S3_SECRET_ACCESS_KEY": ANYBODY,
        }


def s3_server(port: Callable[[str], int]) -> tuple[ServiceSpec, S3Server]:
    """Prepare a server that is ready once its bucket is there."""
    server = S3Server(port(NAME))
    spec = ServiceSpec(
        name=NAME,
        argv=(sys.executable, "-m", "devstack.serve_s3", str(server.port)),
        ready=f"{server.endpoint}/{BUCKET}",
    )
    return spec, server
