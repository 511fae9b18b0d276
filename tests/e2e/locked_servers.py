"""Kafka with SASL/SCRAM, TLS and rights, PostgreSQL with TLS, Redis with TLS and users."""

from __future__ import annotations

import os
import secrets
import subprocess
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from devstack.install import REDIS, require
from devstack.native_kafka import (
    JVM_OPTIONS,
    fetch_jars,
    java,
    new_cluster_id,
    properties,
)
from devstack.native_postgres import native_postgres
from devstack.service_spec import ServiceSpec

if TYPE_CHECKING:
    from pathlib import Path

    from devstack import Stack

SERVICES = ("upload-api", "parser", "writer", "progress-gateway")
_SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule required"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """An authority of this test's own, and the one certificate of its servers."""

    folder: Path

    @property
    def authority(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def certificate(self) -> Path:
        return self.folder / "server.pem"

    @property
    def key(self) -> Path:
        return self.folder / "server.key"


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedServers:
    """Where the servers are, and the passwords of those who may use them."""

    certificates: Certificates
    kafka: str
    postgres: str
    """`host:port`."""
    redis: str
    postgres_password: str
    passwords: dict[str, str] = field(default_factory=dict)

    def database_url(self, user: str, password: str) -> str:
        query = f"sslmode=verify-full&sslrootcert={self.certificates.authority}"
        return f"postgresql://{user}:{password}@{self.postgres}/sluice?{query}"

    @property
    def admin_url(self) -> str:
        return self.database_url("sluice", self.postgres_password)

    def env_of(self, service: str) -> dict[str, str]:
        """What one service is told: its own role, principal and user."""
        password, role = self.passwords[service], f"sluice_{service.replace('-', '_')}"
        ca = self.certificates.authority
        return {
            **self.kafka_env(f"sluice-{service}", password),
            "SLUICE_DATABASE_URL": self.database_url(role, password),
            "SLUICE_REDIS_URL": (
                f"rediss://sluice-{service}:{password}@{self.redis}/0?ssl_ca_certs={ca}"
            ),
        }

    def kafka_env(self, principal: str, password: str) -> dict[str, str]:
        return {
            "SLUICE_KAFKA_BOOTSTRAP": self.kafka,
            "SLUICE_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "SLUICE_KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
            "SLUICE_KAFKA_SASL_USERNAME": principal,
            "SLUICE_KAFKA_SASL_PASSWORD": password,
            "SLUICE_KAFKA_SSL_CA_LOCATION": str(self.certificates.authority),
        }


def make_certificates(folder: Path) -> Certificates:
    """Make an authority and a certificate for 127.0.0.1, as PEM."""
    made = Certificates(folder=folder)
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), None
    authority_name = _name("test authority")
    authority = _signed(authority_name, authority_key, authority_name, authority_key, is_ca=True)
    key = ec.generate_private_key(ec.SECP256R1())
    server = _signed(_name("127.0.0.1"), key, authority_name, authority_key, is_ca=False)
    made.authority.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    made.certificate.write_bytes(server.public_bytes(serialization.Encoding.PEM))
    made.key.touch(mode=0o600)
    made.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return made


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _signed(
    name: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    is_ca: bool,
) -> x509.Certificate:
    now = datetime.now(UTC)  # noqa: TID251
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
    )
    if not is_ca:
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        builder = builder.add_extension(names, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def start_locked_servers(stack: Stack, folder: Path, acl_file: Path) -> LockedServers:
    """Start the three, each refusing whoever is not known or speaks in plain text."""
    certificates = make_certificates(folder)
    passwords = {name: secrets.token_urlsafe(18) for name in (*SERVICES, "admin")}
    kafka = _kafka(stack, certificates, passwords)
    postgres, password = _postgres(stack, certificates)
    servers = LockedServers(
        certificates=certificates,
        kafka=f"127.0.0.1:{stack.ports.port('kafka')}",
        postgres=f"127.0.0.1:{stack.ports.port('postgres')}",
        redis=f"127.0.0.1:{stack.ports.port('redis')}",
        postgres_password=password,
        passwords=passwords,
    )
    redis = _redis(stack, servers, acl_file)
    stack.add([kafka, postgres, redis], ready_within_s=60)
    return servers


def _kafka(stack: Stack, certificates: Certificates, passwords: dict[str, str]) -> ServiceSpec:
    home = stack.folder / "locked-kafka"
    home.mkdir(mode=0o700)
    port, controller = stack.ports.port("kafka"), stack.ports.port("kafka-controller")
    keystore = home / "keystore.pem"
    keystore.touch(mode=0o600)
    keystore.write_bytes(certificates.key.read_bytes() + certificates.certificate.read_bytes())
    admin = f'username="admin" password="{passwords["admin"]}"'
    values = properties(home / "data", port, controller) | {
        "listeners": f"SASL_SSL://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": f"SASL_SSL://127.0.0.1:{port}",
        "inter.broker.listener.name": "SASL_SSL",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL",
        "sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "sasl.mechanism.inter.broker.protocol": "SCRAM-SHA-512",
        "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": f"{_SCRAM} {admin};",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(keystore),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(certificates.authority),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        # ANONYMOUS is the broker on its own controller's listener
        "super.users": "User:admin;User:ANONYMOUS",
    }
    settings = home / "server.properties"
    settings.touch(mode=0o600)
    settings.write_text("".join(f"{key}={value}\n" for key, value in values.items()))
    command = [str(java()), *JVM_OPTIONS, "-cp", f"{fetch_jars()}/*"]
    users = [("admin", "admin"), *((f"sluice-{name}", name) for name in SERVICES)]
    scram = [
        part
        for user, name in users
        for part in ("--add-scram", f"SCRAM-SHA-512=[name={user},password={passwords[name]}]")
    ]
    subprocess.run(
        [*command, "kafka.tools.StorageTool", "format", "--cluster-id", new_cluster_id(),
         "--config", str(settings), *scram],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return ServiceSpec(
        name="kafka",
        argv=(*command, "kafka.Kafka", str(settings)),
        ready=f"tcp://127.0.0.1:{port}",
        env={"PATH": os.defpath, "HOME": str(home)},
        inherit_env=False,
        cwd=home,
    )


def _postgres(stack: Stack, certificates: Certificates) -> tuple[ServiceSpec, str]:
    spec, endpoint = native_postgres(stack.folder, stack.ports)
    home = spec.cwd
    assert home is not None
    for source in (certificates.certificate, certificates.key):
        copy = home / source.name
        copy.touch(mode=0o600)
        copy.write_bytes(source.read_bytes())
        if spec.run_as is not None:
            os.chown(copy, spec.run_as.uid, spec.run_as.gid)
    (home / "data" / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 scram-sha-256\n")
    arguments = ("-c", "ssl=on", "-c", f"ssl_cert_file={home / 'server.pem'}",
                 "-c", f"ssl_key_file={home / 'server.key'}")  # fmt: skip
    password = endpoint.address.split(":")[2].partition("@")[0]
    ready = spec.ready
    assert ready is not None
    trusted = f"{ready}?sslmode=verify-full&sslrootcert={certificates.authority}"
    return replace(spec, argv=(*spec.argv, *arguments), ready=trusted), password


def _redis(stack: Stack, servers: LockedServers, acl_file: Path) -> ServiceSpec:
    home = stack.folder / "locked-redis"
    home.mkdir(mode=0o700)
    lines = [line for line in acl_file.read_text().splitlines() if line]
    passworded = [
        f"{line} >{servers.passwords[line.split()[1].removeprefix('sluice-')]}"
        if "sluice-" in line
        else line
        for line in lines
    ]
    users = home / "users.acl"
    users.touch(mode=0o600)
    users.write_text("\n".join(passworded) + "\n")
    certificates = servers.certificates
    settings = home / "redis.conf"
    settings.write_text(
        f'bind 127.0.0.1\nport 0\ntls-port {stack.ports.port("redis")}\ndir "{home}"\nsave ""\n'
        f'tls-cert-file "{certificates.certificate}"\ntls-key-file "{certificates.key}"\n'
        f'tls-ca-cert-file "{certificates.authority}"\ntls-auth-clients no\n'
        f'aclfile "{users}"\ndaemonize no\n'
    )
    return ServiceSpec(
        name="redis",
        argv=(str(require(REDIS)), str(settings)),
        ready=servers.env_of("writer")["SLUICE_REDIS_URL"],
        env={"PATH": os.defpath},
        inherit_env=False,
        cwd=home,
    )
