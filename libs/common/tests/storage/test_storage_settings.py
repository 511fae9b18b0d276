"""Where files go is checked at the start: whoever reads the message knows what to change."""

from __future__ import annotations

import pytest

from sluice.errors import SettingsError
from sluice.settings import StorageSettings

BUCKET = {"SLUICE_STORAGE_URL": "s3://files-of-sluice/production"}


def faults(**environ: str) -> str:
    with pytest.raises(SettingsError) as raised:
        StorageSettings.from_env(BUCKET | environ)
    return str(raised.value)


@pytest.mark.parametrize(
    "url", ["s3://", "s3://UPPER/x", "s3://a", "s3://b?x=1", "http://b/x", "s3:///x", "file://x"]
)
def test_a_url_that_names_no_place_is_refused(url: str) -> None:
    assert "SLUICE_STORAGE_URL" in faults(SLUICE_STORAGE_URL=url)


@pytest.mark.parametrize("url", ["s3://bucket", "s3://my.bucket-1/a/b", "file:///var/files"])
def test_a_folder_or_a_bucket_will_do(url: str) -> None:
    assert StorageSettings.from_env({"SLUICE_STORAGE_URL": url}).storage_url == url


def test_half_a_pair_of_keys_is_refused_without_the_half() -> None:
    told = faults(SLUICE_S3_SECRET_ACCESS_KEY="wJalrXUtnFEMI")
    assert "go together" in told
    assert "wJalrXUtnFEMI" not in told


def test_plain_text_is_for_this_machine_only() -> None:
    assert "https://" in faults(SLUICE_S3_ENDPOINT_URL="http://storage.example:9000")
    here = BUCKET | {"SLUICE_S3_ENDPOINT_URL": "http://127.0.0.1:9000"}
    assert StorageSettings.from_env(here).s3_endpoint_url == "http://127.0.0.1:9000"


def test_a_spool_that_is_no_folder_is_refused() -> None:
    assert "SLUICE_SPOOL_DIR" in faults(SLUICE_SPOOL_DIR="/no/such/folder")


def test_all_faults_stand_in_one_message() -> None:
    told = faults(SLUICE_STORAGE_URL="s3://UPPER", SLUICE_S3_ENDPOINT_URL="ftp://x")
    assert "SLUICE_STORAGE_URL" in told
    assert "SLUICE_S3_ENDPOINT_URL" in told
