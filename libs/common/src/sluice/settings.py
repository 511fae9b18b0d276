"""Settings from the environment: read once, checked at the start, all faults in one message."""

from __future__ import annotations

import os
import re
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import parse_qsl, urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from sluice.errors import SettingsError
from sluice.setting_values import may_be_in_a_file, value_of

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "SLUICE_"
S = TypeVar("S", bound="Settings")
MIN_CHARACTERS = 8
"""Different ones in a secret; 32 hexadecimal digits at random practically never hold fewer."""
BUCKET_NAME = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
PLACEHOLDERS = ("change-me", "changeme", "change_me", "example", "password", "your-")


class Settings(BaseModel):
    """What every service is told; a service's own settings are a subclass.

    A field `database_url` is read from `SLUICE_DATABASE_URL`, or from the file that
    `SLUICE_DATABASE_URL_FILE` names (for secrets).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    environment: str = Field(
        "production",
        pattern="^(production|demo|test)$",
        description="production refuses plain text to other machines and well-known secrets",
    )
    log_format: str = Field("json", pattern="^(json|console)$", description="json or console")
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="or DEBUG …")
    http_host: str = Field("127.0.0.1", description="the address that is listened at")
    metrics_port: int = Field(0, ge=0, le=65535, description="a worker's pages; 0: a free one")
    traces: str | None = Field(
        None,
        pattern=r"^(file:///|otlp\+https?://)\S+$",
        description="where spans go: otlp+http(s)://HOST:PORT or file:///PATH; off by default",
    )
    traces_ratio: float = Field(1.0, ge=0, le=1, description="of the imports, which are traced")
    traces_chunk_ratio: float = Field(
        0.1, ge=0, le=1, description="of a traced import's chunks, which have spans of their own"
    )
    failpoints_dir: Path | None = Field(None, description="where tests arm failpoints")
    clock_shift_s: float = Field(0.0, description="how wrong a test makes this process's clock")

    @model_validator(mode="after")
    def _is_not_sabotaged(self) -> Self:
        """What makes a process fail on purpose is refused where work is real."""
        sabotaged = self.failpoints_dir is not None or bool(self.clock_shift_s)
        if sabotaged and self.environment == "production":
            raise ValueError(
                "FAILPOINTS_DIR and CLOCK_SHIFT_S are for tests: unset them, or set"
                " SLUICE_ENVIRONMENT to demo or test"
            )
        return self

    def unprotected(self) -> list[str]:
        """Return what would cross a network in plain text, a sentence each; parts add theirs."""
        collector = urlsplit(self.traces or "")
        if collector.scheme != "otlp+http" or is_local(collector.hostname or ""):
            return []
        return ["SLUICE_TRACES must be otlp+https:// for a collector on another machine"]

    @model_validator(mode="after")
    def _is_protected(self) -> Self:
        """Nothing of ours is sent in plain text where work is real, but on the machine itself."""
        faults = self.unprotected() if self.environment == "production" else []
        if faults:
            raise ValueError("\n  ".join(faults))
        return self

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings from a mapping such as `os.environ`.

        Variables with our prefix that this service does not know are left alone: services share
        one environment.

        Raises:
            SettingsError: lists every fault, with the variable's name and never its value.
        """
        faults: list[str] = []
        values: dict[str, Any] = {}
        for name, field in cls.model_fields.items():
            variable = PREFIX + name.upper()
            text = value_of(variable, environ, faults, in_a_file=may_be_in_a_file(field))
            if text is not None:
                values[name] = text
        try:
            settings = cls(**values)
        except ValidationError as error:
            faults += [_describe(e) for e in error.errors()]
            settings = None
        if faults or settings is None:
            raise SettingsError("wrong settings:\n  " + "\n  ".join(faults))
        return settings


def _describe(error: Any) -> str:
    place = ".".join(str(part) for part in error["loc"])
    variable = PREFIX + place.upper() if place else "settings"
    if error["type"] == "missing":
        return f"{variable} is not set"
    return f"{variable}: {error['msg']}"


class KafkaSettings(Settings):
    """How to reach Kafka, and how topics are laid out."""

    kafka_bootstrap: str = Field(min_length=1, description="brokers, `host:port` with commas")
    kafka_security_protocol: str = Field(
        "PLAINTEXT",
        pattern="^(PLAINTEXT|SSL|SASL_PLAINTEXT|SASL_SSL)$",
        description="or SASL_SSL …",
    )
    kafka_sasl_mechanism: str | None = Field(None, description="such as SCRAM-SHA-512")
    kafka_sasl_username: str | None = Field(None, description="the service's own principal")
    kafka_sasl_password: SecretStr | None = Field(None, description="its password")
    kafka_ssl_ca_location: str | None = Field(None, description="a file with the brokers' CA")
    kafka_compression: str = Field("none", pattern="^(none|lz4|zstd)$", description="lz4 or zstd")
    replication_factor: int = Field(1, ge=1, le=5, description="of topics that are created")
    chunks_partitions: int = Field(6, ge=1, le=1000, description="at most so many writers work")
    results_partitions: int = Field(4, ge=1, le=64, description="of imports.results")
    jobs_partitions: int = Field(4, ge=1, le=64, description="of imports.jobs")

    @model_validator(mode="after")
    def _has_credentials(self) -> Self:
        """SASL without a name and a mechanism fails late, and says little."""
        if self.kafka_security_protocol.startswith("SASL_"):
            named = ("kafka_sasl_mechanism", "kafka_sasl_username", "kafka_sasl_password")
            missing = [f"SLUICE_{name.upper()}" for name in named if not getattr(self, name)]
            if missing:
                raise ValueError(f"{self.kafka_security_protocol} needs {', '.join(missing)}")
        return self

    def unprotected(self) -> list[str]:
        hosts = [address.rpartition(":")[0] for address in self.kafka_bootstrap.split(",")]
        fault = (
            "SLUICE_KAFKA_SECURITY_PROTOCOL must be SASL_SSL or SSL for brokers on other machines"
        )
        plain = not self.kafka_security_protocol.endswith("SSL") and not all(map(is_local, hosts))
        return [*super().unprotected(), *([fault] if plain else [])]

    def client_config(self, client: str) -> dict[str, Any]:
        """Return what every librdkafka client of ours is given."""
        config: dict[str, Any] = {
            "bootstrap.servers": self.kafka_bootstrap,
            "client.id": f"sluice-{client}",
            "security.protocol": self.kafka_security_protocol,
            # 127.0.0.1 and a broker that advertises it: no second look-up over IPv6
            "broker.address.family": "v4",
            "reconnect.backoff.ms": 100,
            "reconnect.backoff.max.ms": 2000,
            # Silent on idle connections closed by the broker; real errors come to error_cb
            "log.connection.close": False,
        }
        optional = {
            "sasl.mechanism": self.kafka_sasl_mechanism,
            "sasl.username": self.kafka_sasl_username,
            "sasl.password": self.kafka_sasl_password
            and self.kafka_sasl_password.get_secret_value(),
            "ssl.ca.location": self.kafka_ssl_ca_location,
        }
        return config | {name: value for name, value in optional.items() if value}


class DatabaseSettings(Settings):
    """How to reach PostgreSQL."""

    database_url: SecretStr = Field(description="`postgresql://…`")
    database_pool_size: int = Field(5, ge=1, le=10, description="connections of a process")

    @field_validator("database_url")
    @classmethod
    def _is_postgres(cls, url: SecretStr) -> SecretStr:
        if not url.get_secret_value().startswith(("postgresql://", "postgres://")):
            raise ValueError("must start with postgresql://")
        return url

    def unprotected(self) -> list[str]:
        parts = urlsplit(self.database_url.get_secret_value())
        options = dict(parse_qsl(parts.query))
        hosts = [options.get("host", parts.hostname or "")]
        fault = "SLUICE_DATABASE_URL must say sslmode=verify-full (and sslrootcert)"
        plain = options.get("sslmode") != "verify-full" and not all(map(is_local, hosts))
        return [*super().unprotected(), *([fault] if plain else [])]


class RedisSettings(Settings):
    """How to reach Redis."""

    redis_url: SecretStr = Field(description="`redis://…`, `rediss://…` or `unix://…`")

    def unprotected(self) -> list[str]:
        return [*super().unprotected(), *unprotected_redis(self.redis_url)]

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, url: SecretStr) -> SecretStr:
        if not url.get_secret_value().startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must start with redis://, rediss:// or unix://")
        return url


class OptionalRedisSettings(Settings):
    """How to reach Redis, for services that do without it."""

    redis_url: SecretStr | None = Field(None, description="`redis://…`; they do without it, too")

    def unprotected(self) -> list[str]:
        return [*super().unprotected(), *unprotected_redis(self.redis_url)]


def is_local(host: str) -> bool:
    """Tell whether a host is this machine: a name or an address of the loopback, or a socket."""
    if host in {"", "localhost"} or host.startswith("/"):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def unprotected_redis(url: SecretStr | None) -> list[str]:
    """Return what is wrong with an address of Redis where work is real."""
    parts = urlsplit(url.get_secret_value() if url else "unix://")
    if parts.scheme in {"rediss", "unix"} or is_local(parts.hostname or ""):
        return []
    return ["SLUICE_REDIS_URL must start with rediss:// for a Redis on another machine"]


class TokenSettings(Settings):
    """How sign-in tokens are made and checked: by our secret, by a provider's keys, or both."""

    jwt_secret: SecretStr | None = Field(
        None, min_length=32, validate_default=True, description="signs tokens of ours"
    )
    token_hours: int = Field(24, ge=1, le=24 * 30, description="how long a token of ours is good")
    token_in_query: bool = Field(True, description="whether `?token=` signs in")
    jwks_url: str | None = Field(None, pattern="^https?://", description="an identity provider's")
    jwks_issuer: str | None = Field(None, min_length=1, description="the `iss` of its tokens")
    jwks_audience: str | None = Field(None, min_length=1, description="our name in their `aud`")
    jwks_username_claim: str = Field("preferred_username", min_length=1, description="the name's")

    @field_validator("jwt_secret")
    @classmethod
    def _is_secret(cls, secret: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        """What everybody knows or can guess signs nothing where work is real."""
        text = secret.get_secret_value() if secret is not None else None
        is_real = info.data.get("environment") == "production"
        if text is not None and is_real and not _is_hard_to_guess(text):
            raise ValueError(
                "is a well-known or a simple one: make one with `openssl rand -base64 32`"
            )
        return secret

    @field_validator("jwks_url")
    @classmethod
    def _is_private(cls, url: str | None, info: ValidationInfo) -> str | None:
        is_real = info.data.get("environment") == "production"
        if url is not None and is_real and not url.startswith("https://"):
            raise ValueError("must start with https://: who changes the keys signs in as anybody")
        return url

    @model_validator(mode="after")
    def _can_know_somebody(self) -> Self:
        if self.jwt_secret is None and self.jwks_url is None:
            raise ValueError("SLUICE_JWT_SECRET is not set (nor SLUICE_JWKS_URL)")
        if self.jwks_url and not (self.jwks_issuer and self.jwks_audience):
            raise ValueError("SLUICE_JWKS_URL needs SLUICE_JWKS_ISSUER and SLUICE_JWKS_AUDIENCE")
        return self


def _is_hard_to_guess(secret: str) -> bool:
    """Tell whether a secret looks like one: of many characters, and no placeholder."""
    told = secret.lower()
    return len(set(secret)) >= MIN_CHARACTERS and not any(word in told for word in PLACEHOLDERS)


class LimitSettings(Settings):
    """How much one user may ask for; `GET /api/limits` publishes it all."""

    max_streams: int = Field(3, ge=1, description="open at once, of one user")
    max_stream_openings: int = Field(10, ge=1, description="of one user in 15 minutes")
    max_uploads_per_hour: int = Field(60, ge=1, description="of one user")
    max_upload_bytes_per_day: int = Field(20 * 1024**3, ge=1, description="of one user")
    max_sign_ins_of_name: int = Field(10, ge=1, description="that fail, in 15 minutes")
    max_sign_ins_of_address: int = Field(100, ge=1, description="that fail, in 15 minutes")


class StorageSettings(Settings):
    """Where uploaded files are kept: `file:///folder`, or `s3://bucket/prefix`.

    What the settings of S3 leave out comes by the usual ways of AWS: its variables, its files, the
    role of the machine or of the pod.
    """

    storage_url: str = Field(pattern=r"^(file:///|s3://)", description="`file:///…` or `s3://…`")
    s3_endpoint_url: str | None = Field(
        None, pattern=r"^https?://[^/]+/?$", description="of a server that is not Amazon's"
    )
    s3_region: str | None = Field(None, min_length=1, description="else that of AWS's variables")
    s3_access_key_id: str | None = Field(None, min_length=1, description="else as AWS has it")
    s3_secret_access_key: SecretStr | None = Field(None, min_length=1, description="of that key")
    spool_dir: Path | None = Field(
        None, description="where files wait on their way to S3 and from it; a disk, not memory"
    )

    @field_validator("storage_url")
    @classmethod
    def _names_a_bucket(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme == "s3" and not re.fullmatch(BUCKET_NAME, parts.netloc):
            raise ValueError("must name a bucket: s3://bucket or s3://bucket/prefix")
        if parts.scheme == "s3" and (parts.query or parts.fragment):
            raise ValueError("ends with the prefix: say the rest by SLUICE_S3_*")
        return url

    @field_validator("spool_dir")
    @classmethod
    def _is_a_folder(cls, folder: Path | None) -> Path | None:
        if folder is not None and not os.access(folder, os.W_OK | os.X_OK):
            raise ValueError("must be a folder that this process may write to")
        return folder

    @model_validator(mode="after")
    def _has_both_keys(self) -> Self:
        if (self.s3_access_key_id is None) != (self.s3_secret_access_key is None):
            raise ValueError(
                "SLUICE_S3_ACCESS_KEY_ID and SLUICE_S3_SECRET_ACCESS_KEY go together:"
                " set both, or none"
            )
        return self

    def unprotected(self) -> list[str]:
        parts = urlsplit(self.s3_endpoint_url or "https://")
        fault = "SLUICE_S3_ENDPOINT_URL must start with https:// for a server on another machine"
        plain = parts.scheme == "http" and not is_local(parts.hostname or "")
        return [*super().unprotected(), *([fault] if plain else [])]


class HttpSettings(Settings):
    """Where an HTTP service listens."""

    http_port: int = Field(ge=1, le=65535, description="where it listens")
    trusted_proxies: str = Field(
        "127.0.0.1,::1",
        description="addresses and networks whose X-Forwarded-For and -Proto are believed",
    )

    cors_origins: str = Field(
        "",
        pattern=r"^(https?://[\w.-]+(:\d+)?(,https?://[\w.-]+(:\d+)?)*)?$",
        description="origins whose pages may ask us, with commas between; none by default",
    )

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, text: str) -> str:
        for part in filter(None, map(str.strip, text.split(","))):
            try:
                ip_network(part)
            except ValueError:
                raise ValueError(
                    "must list addresses or networks such as 10.0.0.0/8, with commas between"
                ) from None
        return text
