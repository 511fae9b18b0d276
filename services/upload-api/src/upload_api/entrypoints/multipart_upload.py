"""Step 1: one multipart body, pushed through block by block; the file goes straight to disk."""

import errno
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from csv_reader import KIND_HEAD_BYTES, FileKind, kind_of_file
from sluice.errors import Outage
from sluice.storage import StoredFile
from sluice.web.problems import Problem
from upload_api.domain.upload_form import MAX_MAPPING_BYTES

MAX_FIELDS = 20
MAX_FIELD_BYTES = 64 * 1024
LARGE_FIELDS = {"mapping": MAX_MAPPING_BYTES}
"""What is suggested for 500 columns can be sent back."""
MAX_HEADER_BYTES = 64 * 1024
"""A file name of 10 kB is shortened, not refused."""
FILE_PART = "file"
KEPT_FIELD = "previewId"
"""Names a file that a preview kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLimits:
    """The most bytes of a file, by its kind."""

    workbook: int
    text: int

    @property
    def any_kind(self) -> int:
        return max(self.workbook, self.text)

    def of(self, head: bytes, name: str) -> int:
        """Return the limit of a file with these first bytes and this name."""
        return self.text if kind_of_file(head, name) is FileKind.TEXT else self.workbook


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedFile:
    """The file part, whole on disk under its temporary name."""

    stored: StoredFile
    raw_name: str
    size_bytes: int
    sha256: bytes


class MultipartUpload:
    """Takes a body's blocks in any cut; not safe for use by several threads at once."""

    def __init__(
        self, content_type: str, limits: FileLimits, begin_file: Callable[[], StoredFile]
    ) -> None:
        self.fields: dict[str, str] = {}
        self._limits = limits
        self._begin_file = begin_file
        self._stored: StoredFile | None = None
        self._raw_name = ""
        self._head = b""
        self._size_bytes = 0
        self._digest = hashlib.sha256()
        self._header_name = b""
        self._header_value = b""
        self._part_name = ""
        self._in_file = False
        self._text = bytearray()
        self._ended = False
        self._parser = MultipartParser(
            _boundary_of(content_type),
            {
                "on_part_begin": self._on_part_begin,
                "on_header_field": self._on_header_field,
                "on_header_value": self._on_header_value,
                "on_header_end": self._on_header_end,
                "on_headers_finished": self._on_headers_finished,
                "on_part_data": self._on_part_data,
                "on_part_end": self._on_part_end,
                "on_end": self._on_end,
            },
            max_header_size=MAX_HEADER_BYTES,
        )

    def feed(self, block: bytes) -> None:
        """Take the next block of the body; hashes and writes, so it belongs in a worker thread.

        Raises:
            Problem: 400, 413 or 507.
            Outage: storage is away.
        """
        try:
            self._parser.write(block)
        except FormParserError as error:
            raise _malformed(str(error)) from None
        except OSError as error:
            raise problem_of_storage(error) from error

    def finish(self) -> ReceivedFile | None:
        """Return the file once the whole body was fed; None: the form names one that was kept.

        Raises:
            Problem: 400, 422, 507.
        """
        if not self._ended:
            raise _malformed("it ends before its last boundary")
        kept = bool(self.fields.get(KEPT_FIELD))
        if self._stored is None:
            if kept:
                return None
            raise Problem(400, "MISSING_FILE", f"The form has no file part named {FILE_PART!r}.")
        if kept:
            detail = f"Send the file or {KEPT_FIELD}, not both."
            raise Problem(422, "FIELD_CONFLICT", detail, fields=[FILE_PART, KEPT_FIELD])
        if not self._size_bytes:
            raise Problem(400, "EMPTY_FILE", "The file has 0 bytes.")
        # A write to a full disk may take less than it was given without an error
        if self._stored.temporary_path.stat().st_size != self._size_bytes:
            raise storage_full()
        return ReceivedFile(
            stored=self._stored,
            raw_name=self._raw_name,
            size_bytes=self._size_bytes,
            sha256=self._digest.digest(),
        )

    @property
    def has_file(self) -> bool:
        """Whether something was begun that has to be committed or discarded."""
        return self._stored is not None

    def discard(self) -> None:
        """Leave nothing behind; harmless after the file was committed."""
        if self._stored is not None:
            self._stored.discard()

    def _on_part_begin(self) -> None:
        self._part_name, self._in_file = "", False
        self._text.clear()

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _on_header_end(self) -> None:
        if self._header_name.lower() == b"content-disposition":
            _, options = parse_options_header(self._header_value.decode("latin-1"))
            self._part_name = _text_of(options.get(b"name", b""))
            self._in_file = self._part_name == FILE_PART
            if self._in_file:
                self._open_file(_text_of(options.get(b"filename", b"")))
        self._header_name = self._header_value = b""

    def _open_file(self, raw_name: str) -> None:
        if self._stored is not None:
            raise Problem(400, "SEVERAL_FILES", "Send one file in one upload.")
        self._raw_name = raw_name
        self._stored = self._begin_file()

    def _on_headers_finished(self) -> None:
        if not self._part_name:
            raise _malformed("a part has no name")
        if self._part_name in self.fields:
            detail = f"The form has the field {self._part_name[:100]!r} more than once."
            raise Problem(400, "FIELD_REPEATED", detail)
        if len(self.fields) >= MAX_FIELDS:
            raise Problem(400, "TOO_MANY_FIELDS", f"The form has more than {MAX_FIELDS} fields.")

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if not self._in_file or self._stored is None:
            self._text += data[start:end]
            most = LARGE_FIELDS.get(self._part_name, MAX_FIELD_BYTES)
            if len(self._text) > most:
                detail = f"The field {self._part_name[:100]!r} is longer than {most} bytes."
                raise Problem(400, "FIELD_TOO_LONG", detail)
            return
        self._size_bytes += end - start
        block = data[start:end]
        self._head += block[: KIND_HEAD_BYTES - len(self._head)]
        if self._size_bytes > self._limits.of(self._head, self._raw_name):
            raise too_large(self._limits.of(self._head, self._raw_name))
        self._digest.update(block)
        self._stored.write(block)

    def _on_part_end(self) -> None:
        if not self._in_file:
            self.fields[self._part_name] = self._text.decode("utf-8", errors="replace").strip()

    def _on_end(self) -> None:
        self._ended = True


def too_large(max_file_bytes: int) -> Problem:
    """Return the 413 that names the limit."""
    detail = f"The file is larger than {max_file_bytes / 1024**2:,.0f} MiB, the most we take."
    return Problem(413, "FILE_TOO_LARGE", detail, maxUploadBytes=max_file_bytes)


def storage_full() -> Problem:
    """Return the 507 of a disk without room for the file."""
    return Problem(507, "STORAGE_FULL", "The storage has no room for this file: try again later.")


def problem_of_storage(error: OSError) -> Problem | Outage:
    """Tell a full disk from a storage that is away."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return storage_full()
    return Outage("storage", error.strerror or type(error).__name__)


def _boundary_of(content_type: str) -> bytes:
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary:
        detail = "Send the file as multipart/form-data, in a part named 'file'."
        raise Problem(415, "NOT_MULTIPART", detail)
    return boundary


def _malformed(why: str) -> Problem:
    return Problem(400, "MULTIPART_INVALID", f"The multipart body is malformed: {why}.")


def _text_of(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
