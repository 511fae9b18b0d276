import pytest

from sluice.errors import SettingsError
from sluice.settings import DatabaseSettings, KafkaSettings, RedisSettings


class All(KafkaSettings, DatabaseSettings, RedisSettings):
    """A service that speaks to all three."""


PLAIN = {
    "SLUICE_KAFKA_BOOTSTRAP": "kafka:9092",
    "SLUICE_DATABASE_URL": "postgresql://anna:hush-hush@db/sluice?sslmode=require",
    "SLUICE_REDIS_URL": "redis://:hush-hush@redis:6379/0",
}
SAFE = {
    "SLUICE_KAFKA_BOOTSTRAP": "kafka:9093",
    "SLUICE_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
    "SLUICE_KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
    "SLUICE_KAFKA_SASL_USERNAME": "sluice-writer",
    "SLUICE_KAFKA_SASL_PASSWORD": "hush-hush",
    "SLUICE_DATABASE_URL": "postgresql://db/sluice?sslmode=verify-full&sslrootcert=/ca.pem",
    "SLUICE_REDIS_URL": "rediss://sluice-writer:hush-hush@redis/0?ssl_ca_certs=/ca.pem",
}


def test_production_refuses_plain_text_with_all_faults_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        All.from_env(PLAIN)
    told = str(caught.value)
    for name in ("SLUICE_KAFKA_SECURITY_PROTOCOL", "SLUICE_DATABASE_URL", "SLUICE_REDIS_URL"):
        assert name in told
    assert "hush-hush" not in told


@pytest.mark.parametrize("left_out", sorted(PLAIN))
def test_one_that_is_plain_is_enough(left_out: str) -> None:
    weak = {"SLUICE_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT"} if "KAFKA" in left_out else {}
    with pytest.raises(SettingsError):
        All.from_env(SAFE | {left_out: PLAIN[left_out]} | weak)


@pytest.mark.parametrize(
    "environ",
    [
        SAFE,
        PLAIN | {"SLUICE_ENVIRONMENT": "demo"},
        {
            "SLUICE_KAFKA_BOOTSTRAP": "127.0.0.1:9092,localhost:9093,[::1]:9094",
            "SLUICE_DATABASE_URL": "postgresql:///sluice?host=/run/postgresql",
            "SLUICE_REDIS_URL": "unix:///run/redis.sock",
        },
    ],
)
def test_what_is_protected_or_stays_on_the_machine_is_taken(environ: dict[str, str]) -> None:
    assert All.from_env(environ)


def test_sasl_without_a_name_is_told_at_the_start() -> None:
    lacking = {name: text for name, text in SAFE.items() if "SASL_USERNAME" not in name}
    with pytest.raises(SettingsError, match="SLUICE_KAFKA_SASL_USERNAME"):
        KafkaSettings.from_env(lacking)
