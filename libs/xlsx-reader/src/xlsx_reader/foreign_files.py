"""Step 1: calls a file that is no workbook what it is, by its first bytes or its zip entries."""

from __future__ import annotations

from xlsx_reader.errors import WorkbookError

_EXPORT = "Open it in the program that made it and save or export it as .xlsx."
_MAGIC = (
    (b"%PDF-", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"{\\rtf", "an RTF text"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"MIME-Version:", "a web archive"),
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a program"),
)
# What only another program's zip holds, in lower case → what to call it.
_OTHER_ZIPS = {
    "word/document.xml": "a Word text",
    "ppt/presentation.xml": "a presentation",
    "visio/document.xml": "a Visio drawing",
    "index/document.iwa": "a Numbers, Pages or Keynote file",
    "meta-inf/manifest.mf": "a Java archive",
    "androidmanifest.xml": "an Android app",
}


def described_as(head: bytes) -> str:
    """Return the sentence for a file that is no zip, from its first bytes."""
    if not head:
        return "The file is empty. Choose an .xlsx workbook."
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return f"The file is {name}, not a workbook. {_EXPORT}"
    if b"urn:schemas-microsoft-com:office:spreadsheet" in head or b"Excel.Sheet" in head:
        return "The file is an XML spreadsheet of 2003. Open it in Excel and save it as .xlsx."
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return "The file is HTML or XML, not a workbook. Open it in Excel and save it as .xlsx."
    if not head.strip(b"\0"):
        return "The file is nothing but zeros: it was not copied whole. Upload it again."
    return "The file is no workbook (perhaps CSV text). Open it in Excel and save it as .xlsx."


def refuse_other_zips(names: set[str]) -> None:
    """Refuse a zip of another program.

    Raises:
        WorkbookError: `MACRO_FILE`, `XLSB_FILE`, `ODS_FILE`, `NOT_XLSX`.
    """
    folded = {name.casefold() for name in names}
    macros = next((name for name in folded if _holds_macros(name)), None)
    if macros is not None:
        message = "The workbook contains macros. Save it as .xlsx (without macros)."
        raise WorkbookError("MACRO_FILE", message, macros)
    if "xl/workbook.bin" in folded:
        message = "The workbook is in the binary .xlsb format. Save it as .xlsx."
        raise WorkbookError("XLSB_FILE", message, "xl/workbook.bin")
    if "mimetype" in folded and "content.xml" in folded:
        message = "The file is an OpenDocument spreadsheet. Save it as .xlsx."
        raise WorkbookError("ODS_FILE", message, "content.xml")
    for part, name in _OTHER_ZIPS.items():
        if part in folded:
            raise WorkbookError("NOT_XLSX", f"The file is {name}, not a workbook. {_EXPORT}", part)
    if "[content_types].xml" not in folded:
        message = "The file is a zip, but no workbook. Open it in Excel and save it as .xlsx."
        raise WorkbookError("NOT_XLSX", message, "[Content_Types].xml")


def _holds_macros(name: str) -> bool:
    return name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/")
