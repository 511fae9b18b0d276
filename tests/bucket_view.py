"""What is in a bucket, seen by a client of the tests' own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3

from devstack.s3_server import ANYBODY, BUCKET, S3Server
from sluice.settings import StorageSettings
from sluice.storage import open_storage

if TYPE_CHECKING:
    from sluice.storage import FileStorage


class BucketView:
    """What is in the bucket under one prefix, seen by a client of the test's own."""

    def __init__(self, server: S3Server) -> None:
        self.prefix = f"test-{uuid4().hex}"
        self.environ = server.environment(self.prefix)
        self.client: Any = boto3.client(
            "s3",
            endpoint_url=server.endpoint,
            region_name="us-east-1",
            aws_access_key_id=ANYBODY,
            aws_secret_access_key=ANYBODY,
        )

    def storage(self, **more: str) -> FileStorage:
        return open_storage(StorageSettings.from_env(self.environ | more))

    def content(self, file_url: str) -> bytes:
        key = file_url.removeprefix(f"s3://{BUCKET}/")
        body: bytes = self.client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return body

    def objects(self) -> list[str]:
        found = self.client.list_objects_v2(Bucket=BUCKET, Prefix=self.prefix)
        return [each["Key"] for each in found.get("Contents", ())]

    def unfinished(self) -> list[str]:
        found = self.client.list_multipart_uploads(Bucket=BUCKET, Prefix=self.prefix)
        return [each["Key"] for each in found.get("Uploads", ())]
