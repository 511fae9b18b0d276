"""What a file and its body can be refused for, for the interface's description."""

from typing import Any

from upload_api.entrypoints.documented import Refusal

_MEMBERS: dict[str, dict[str, Any]] = {
    "FILE_TOO_LARGE": {"maxUploadBytes": 536_870_912},
    "ENCODING_UNKNOWN": {"field": "encoding", "known": ["utf-8", "windows-1252"]},
    "DELIMITER_UNKNOWN": {"field": "delimiter", "known": ["comma", "semicolon", "tab", "pipe"]},
    "DECIMAL_UNKNOWN": {"field": "decimal", "known": ["point", "comma"]},
}
_DETAILS = (
    (400, "MISSING_FILE", "The form has no file part named 'file'."),
    (400, "SEVERAL_FILES", "Send one file in one upload."),
    (400, "EMPTY_FILE", "The file has 0 bytes."),
    (
        400,
        "MULTIPART_INVALID",
        "The multipart body is malformed: it ends before its last boundary.",
    ),
    (400, "BODY_CUT", "The connection ended before the body did."),
    (400, "TOO_MANY_FIELDS", "The form has more than 20 fields."),
    (400, "FIELD_TOO_LONG", "The field 'target' is longer than 65536 bytes."),
    (400, "FIELD_REPEATED", "The form has the field 'target' more than once."),
    (401, "TOKEN_MISSING", "Sign in first: no token was sent."),
    (401, "TOKEN_INVALID", "Sign in again: the token has ended."),
    (401, "USER_UNKNOWN", "This user is unknown or disabled."),
    (403, "FOREIGN_ORIGIN", "This request comes from another site: it is not done."),
    (408, "BODY_TIMEOUT", "No byte of the body came for 60 s."),
    (413, "FILE_TOO_LARGE", "The file is larger than 512 MiB, the most we take."),
    (415, "NOT_MULTIPART", "Send the file as multipart/form-data, in a part named 'file'."),
    (415, "NOT_XLSX", "This is no .xlsx workbook."),
    (415, "LEGACY_XLS", "This is an .xls workbook of Excel 97: save it as .xlsx."),
    (415, "ENCRYPTED", "The workbook is behind a password: save it without."),
    (415, "MACRO_FILE", "This is an .xlsm workbook: save it as .xlsx."),
    (415, "XLSB_FILE", "This is an .xlsb workbook: save it as .xlsx."),
    (415, "ODS_FILE", "This is an OpenDocument sheet: save it as .xlsx."),
    (415, "NOT_TEXT", "This is no table in text."),
    (422, "SHEET_UNKNOWN", "There is no sheet 'Sales'; the workbook has 'Data' and 'Notes'."),
    (
        422,
        "FIELD_NOT_FOR_WORKBOOK",
        "Encoding, delimiter and decimal are of text files: upload without them.",
    ),
    (422, "ENCODING_UNKNOWN", "The encoding 'klingon' is unknown."),
    (422, "DELIMITER_UNKNOWN", "The delimiter '~' is unknown."),
    (422, "DECIMAL_UNKNOWN", "The decimal mark 'half' is unknown."),
    (
        422,
        "DELIMITER_AMBIGUOUS",
        "Two delimiters split the head equally well: say which in delimiter.",
    ),
    (422, "ENCODING_INVALID", "Bytes that the encoding does not know."),
    (422, "QUOTE_INVALID", "Text stands behind a closing quote."),
    (422, "QUOTE_UNCLOSED", "A quoted cell does not end."),
    (422, "ROW_TOO_LONG", "One row is larger than what is held at once."),
    (422, "TOO_MANY_COLUMNS", "More than 500 columns."),
    (422, "TOO_MANY_ROWS", "More than 1,048,576 rows."),
    (422, "TOO_MANY_SHEETS", "More sheets than are read."),
    (422, "TOO_MANY_STYLES", "More styles than are read."),
    (422, "CELL_ORDER", "The cells of a row do not ascend."),
    (422, "CELL_REF_INVALID", "A cell names another row than its own."),
    (422, "CELL_TOO_LONG", "A cell is too long to be held."),
    (422, "CELL_TYPE_UNKNOWN", "A cell is of a type that the format does not know."),
    (422, "ROW_ORDER", "The rows do not ascend."),
    (422, "SHARED_STRING_MISSING", "A cell points behind the end of the table of texts."),
    (422, "SHEET_MISSING", "The workbook lists a sheet that it does not hold."),
    (422, "BOMB_RATIO", "A part inflates to an implausible multiple of its size."),
    (422, "BOMB_SIZE", "A part inflates beyond the limit."),
    (422, "XML_DTD_FORBIDDEN", "A part declares a document type."),
    (422, "XML_ENCODING", "A part is in another encoding than it says."),
    (422, "XML_MALFORMED", "A part is no well-formed XML."),
    (422, "XML_TOKEN_TOO_LONG", "A tag is too long to be held."),
    (422, "XML_TOO_DEEP", "Elements are nested too deep."),
    (422, "ZIP_DAMAGED", "The bytes do not match their checksum: save the workbook again."),
    (422, "ZIP_ENTRY_NAME", "An entry of the zip has a name that none may have."),
    (422, "ZIP_METHOD", "An entry of the zip is compressed in an unusual way."),
    (422, "ZIP_OVERLAP", "Two entries of the zip share their bytes."),
    (422, "ZIP_TOO_MANY", "The zip has more than 2,000 entries."),
    (422, "ZIP_TRUNCATED", "The workbook ends too early: upload it again."),
    (
        503,
        "SERVICE_UNAVAILABLE",
        "postgres cannot be reached at the moment: try again in a few seconds.",
    ),
    (
        503,
        "SERVICE_STOPPING",
        "The server is being restarted: send the file again in a few seconds.",
    ),
    (507, "STORAGE_FULL", "The storage has no room for this file: try again later."),
)
FILE_REFUSALS = tuple(
    Refusal(status=status, code=code, detail=detail, members=_MEMBERS.get(code, {}))
    for status, code, detail in _DETAILS
)
