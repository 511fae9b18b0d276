"""`python -m devstack.serve_s3 PORT`: the process of `s3_server`."""

import logging
import signal
import sys

import boto3
from moto.server import ThreadedMotoServer

from devstack.s3_server import ANYBODY, BUCKET, S3Server


def main(port: int) -> None:
    """Serve until SIGTERM."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    ThreadedMotoServer("127.0.0.1", port, verbose=False).start()
    client = boto3.client(
        "s3",
        endpoint_url=S3Server(port).endpoint,
        region_name="us-east-1",
        aws_access_key_id=ANYBODY,
        aws_secret_access_key=ANYBODY,
    )
    client.create_bucket(Bucket=BUCKET)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})


if __name__ == "__main__":
    main(int(sys.argv[1]))
