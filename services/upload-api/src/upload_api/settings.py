"""What upload-api is told by its environment."""

from pathlib import Path

from pydantic import Field, SecretStr

from sluice.setting_values import SAID_ONLY
from sluice.settings import (
    DatabaseSettings,
    HttpSettings,
    KafkaSettings,
    LimitSettings,
    StorageSettings,
    TokenSettings,
    unprotected_redis,
)
from upload_api.domain.erasure_rules import RetentionPolicy

MIB = 1024 * 1024


class UploadApiSettings(
    HttpSettings, KafkaSettings, DatabaseSettings, StorageSettings, TokenSettings, LimitSettings
):
    """Settings of upload-api; each field `name` is read from `SLUICE_…`."""

    reader: str = Field(
        "auto",
        pattern="^(auto|python)$",
        description="or python, without the compiled reader; said here only, not in a file",
        json_schema_extra=SAID_ONLY,
    )
    targets_dir: Path | None = Field(None, description="the folder of target files")
    max_upload_bytes: int = Field(512 * MIB, ge=1, description="of a workbook")
    max_text_upload_bytes: int = Field(4096 * MIB, ge=1, description="of a CSV or TSV")
    body_timeout_s: float = Field(60.0, gt=0, description="a body that stands still for this long")
    orphan_age_h: float = Field(24.0, ge=1, description="files without a job go after this")
    max_error_percent: float | None = Field(
        None, ge=0, le=100, description="jobs with more rejected rows are stopped; off by default"
    )
    preview_keep_s: int = Field(3600, ge=60, le=3600, description="of a file that a preview kept")
    max_kept_previews: int = Field(5, ge=1, description="per user; the oldest ones go")
    redis_url: SecretStr | None = Field(
        None, description="without it each process keeps limits by itself, stricter"
    )
    max_unfinished_jobs: int = Field(5, ge=1, description="per user; more are refused with 429")
    max_stored_errors: int = Field(100_000, ge=0, description="of one job; told, the writer keeps")
    traces_trust_callers: bool = Field(
        default=False,
        description="whether a caller's traceparent says if it is traced, instead of the ratio",
    )
    retention_days: float = Field(30, gt=0, description="ended jobs are erased after them")
    file_retention_days: float = Field(30, gt=0, description="of files that may be needed again")
    error_retention_days: float = Field(30, gt=0, description="of errors with their cells")
    keep_completed_jobs: int | None = Field(None, ge=0, description="per user; off: all")
    keep_failed_jobs: int | None = Field(None, ge=0, description="per user; off: all")

    def retention(self) -> RetentionPolicy:
        """Return how long what is kept."""
        return RetentionPolicy(
            job_days=self.retention_days,
            file_days=self.file_retention_days,
            error_days=self.error_retention_days,
            keep_completed=self.keep_completed_jobs,
            keep_failed=self.keep_failed_jobs,
        )

    def unprotected(self) -> list[str]:
        return [*super().unprotected(), *unprotected_redis(self.redis_url)]
