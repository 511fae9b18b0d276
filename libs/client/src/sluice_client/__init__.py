"""Sluice from Python: upload, follow, mend, and look after what failed.

`SluiceClient` does everything; `ApiProblem` is what the server refuses by.
"""

from sluice_client.client import SluiceClient
from sluice_client.errors import ApiProblem, SluiceClientError, Unreachable
from sluice_client.job_progress import JobProgress
from sluice_client.models import (
    DeadLetter,
    ErrorKind,
    ErrorSummary,
    Job,
    Preview,
    Replay,
    ReplayAccepted,
    RowError,
    Uploaded,
)
from sluice_client.transport import Server
from sluice_client.uploads import key_of_content

__all__ = [
    "ApiProblem",
    "DeadLetter",
    "ErrorKind",
    "ErrorSummary",
    "Job",
    "JobProgress",
    "Preview",
    "Replay",
    "ReplayAccepted",
    "RowError",
    "Server",
    "SluiceClient",
    "SluiceClientError",
    "Unreachable",
    "Uploaded",
    "key_of_content",
]
