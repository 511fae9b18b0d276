"""The S3 API: its clients, what its errors mean, and who carries parts to it."""

from __future__ import annotations

import errno
import logging
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote, urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from sluice.errors import Outage
from sluice.storage.files import FileMissing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sluice.settings import StorageSettings

SCHEME: Final = "s3"
CARRIERS: Final = 4
"""Threads of one process that send parts, for all its uploads: each holds one part in memory."""
CONNECTIONS: Final = CARRIERS + 12
_ABSENT = {"404", "NoSuchKey"}
_ENDED = {"NoSuchUpload"}
_FULL_STATUS, _FULL = 507, {"XMinioStorageFull", "QuotaExceeded"}
_LOUD = ("boto3", "botocore", "urllib3")
"""At DEBUG they log signed headers."""


@dataclass(frozen=True, slots=True)
class Place:
    """One object."""

    bucket: str
    key: str

    @classmethod
    def of(cls, file_url: str) -> Place:
        parts = urlsplit(file_url)
        return cls(parts.netloc, unquote(parts.path.lstrip("/")))

    @property
    def url(self) -> str:
        return f"{SCHEME}://{self.bucket}/{quote(self.key)}"

    @property
    def named(self) -> dict[str, str]:
        """What every call about an object is told."""
        return {"Bucket": self.bucket, "Key": self.key}


class Bucket:
    """Where files are kept: a bucket, or what is in it under a prefix. Used by several threads."""

    def __init__(self, settings: StorageSettings) -> None:
        """Join the clients; nothing has to answer yet."""
        for name in _LOUD:
            logging.getLogger(name).setLevel(logging.WARNING)
        parts = urlsplit(settings.storage_url)
        self.name = parts.netloc
        folder = unquote(parts.path).strip("/")
        self.prefix = f"{folder}/" if folder else ""
        self.spool_dir = settings.spool_dir
        self.client = _client(settings, connect_s=3, read_s=20, attempts=4)
        self.quick = _client(settings, connect_s=2, read_s=4, attempts=1)
        """For what the loop of a service, or a probe, waits for."""
        self.carriers = ThreadPoolExecutor(CARRIERS, thread_name_prefix="s3-part")

    def place(self, name: str) -> Place:
        return Place(self.name, f"{self.prefix}{name}")

    def ask(self) -> None:
        """Find the bucket; raises `Outage`."""
        with s3_errors():
            try:
                self.quick.head_bucket(Bucket=self.name)
            except ClientError as error:
                if _code(error) in _ABSENT:
                    raise Outage("storage", f"there is no bucket {self.name}") from None
                raise

    def size_of(self, place: Place) -> tuple[int, str]:
        """Return an object's bytes, and the tag of this content; raises `FileMissing`, `Outage`."""
        try:
            with s3_errors(place):
                head = self.quick.head_object(**place.named)
        except FileMissing:
            self.ask()  # of a bucket that is not there every object is said to be missing
            raise
        return head["ContentLength"], head["ETag"]


@contextmanager
def s3_errors(place: Place | None = None) -> Iterator[None]:
    """Say what an error of the API means here: none of its texts is told, they may quote keys.

    Raises:
        FileMissing: there is no such object (or no such unfinished upload).
        OSError: the server's disk is full.
        Outage: anything else.
    """
    try:
        yield
    except ClientError as error:
        raise _meaning(error, place) from None
    except (BotoCoreError, HTTPError) as error:
        raise Outage("storage", f"S3: {type(error).__name__}") from None


def _meaning(error: ClientError, place: Place | None) -> Exception:
    code = _code(error)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    if code in _ENDED or (code in _ABSENT and place is not None):
        return FileMissing(place.key if place else code)
    if status == _FULL_STATUS or code in _FULL:
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return Outage("storage", f"S3: {code}")


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _client(settings: StorageSettings, *, connect_s: int, read_s: int, attempts: int) -> Any:
    """Make a client by our settings; what they leave out comes by the usual ways of AWS.

    A part carries its own checksum (`Content-MD5`), which every server of this API knows; the
    newer ones that the library would add are not known to all.
    """
    secret = settings.s3_secret_access_key
    session = _session(settings.s3_access_key_id, secret.get_secret_value() if secret else None)
    config = Config(
        signature_version="s3v4",
        connect_timeout=connect_s,
        read_timeout=read_s,
        retries={"mode": "standard", "total_max_attempts": attempts},
        max_pool_connections=CONNECTIONS,
        s3={"addressing_style": "path" if settings.s3_endpoint_url else "auto"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        ignore_configured_endpoint_urls=True,
    )
    return session.client(
        "s3",
        region_name=settings.s3_region or session.region_name or "us-east-1",
        endpoint_url=settings.s3_endpoint_url,
        config=config,
    )


@lru_cache(maxsize=1)
def _session(key_id: str | None, secret: str | None) -> boto3.Session:
    """Make a session once: it reads megabytes of descriptions of the API for its first client."""
    return boto3.Session(aws_access_key_id=key_id, aws_secret_access_key=secret)
