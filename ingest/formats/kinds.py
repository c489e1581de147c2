"""What a file is by its content, whatever its name promises: the suffix by which it is to be read."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from ingest.formats.webpage import is_saved_whole

_HEAD = 4096  # bytes
_PICTURES: Mapping[bytes, str] = {
    b"\xff\xd8\xff": ".jpg",
    b"\x89PNG\r\n": ".png",
    b"II*\x00": ".tif",
    b"MM\x00*": ".tif",
}
_PACKAGES: Mapping[bytes, str] = {b"7z\xbc\xaf\x27\x1c": ".7z", b"Rar!\x1a\x07": ".rar"}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PARTS = {  # a part of a ZIP file by which its kind is known
    "xl/workbook.bin": ".xlsb", "ppt/presentation.xml": ".pptx", "OFD.xml": ".ofd",
    "word/document.xml": ".docx", "xl/workbook.xml": ".xlsx",
}  # fmt: skip
_STREAMS = {  # a stream of an OLE file by which its kind is known
    "WordDocument": ".doc", "Workbook": ".xls", "Book": ".xls", "PowerPoint Document": ".ppt",
    "__properties_version1.0": ".msg", "EncryptedPackage": ".encrypted",
}  # fmt: skip
_PROLOG = r"^\s*(?:<\?[^>]*\?>\s*|<!--.*?-->\s*)*"
_XML = tuple(  # the first element of a text by which its kind is known
    (re.compile(_PROLOG + element, re.IGNORECASE | re.DOTALL), kind)
    for element, kind in (
        (r"<pkg:package\b", ".flatopc"),
        (r"<(?:\w+:)?wordDocument\b", ".wordml"),
        (r"<(?:\w+:)?Workbook\b[^>]*urn:schemas-microsoft-com:office:spreadsheet", ".spreadsheetml"),
        (r"<(?:!doctype\s+html|html|head|body|meta|table)\b", ".html"),
    )
)
_WIDE = (b"\xff\xfe", b"\xfe\xff")  # byte order marks of UTF-16
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MAIL = re.compile(rb"^(?:to|received|delivered-to|return-path):", re.IGNORECASE | re.MULTILINE)  # a mail, and no saved page
_SAME = {
    ".docm": ".docx",
    ".dotx": ".docx",
    ".xlsm": ".xlsx",
    ".htm": ".html",
    ".shtml": ".html",
    ".jpeg": ".jpg",
    ".tiff": ".tif",
    ".mht": ".mhtml",
}
_TEXTS = {  # what these are if their bytes are text
    ".doc": ".txt",
    ".docx": ".txt",
    ".wps": ".txt",
    ".xls": ".csv",
    ".xlsx": ".csv",
    ".et": ".csv",
}


def kind_of(path: Path) -> str:
    """Return the suffix by which a file is to be read: that of its content if it can be told, else its own in lower case."""
    own = path.suffix.lower()
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    found = _by_magic(path, head) or _by_text(head)
    if own == ".eml" and found == ".mhtml" and b"Snapshot-Content-Location" not in head:
        return own
    if not found and own in _TEXTS and head and (head.startswith(_WIDE) or not _CONTROL.search(head)):
        return _TEXTS[own]
    return own if not found or _SAME.get(own, own) == found else found


def _by_magic(path: Path, head: bytes) -> str:
    for magic, kind in (*_PICTURES.items(), *_PACKAGES.items()):
        if head.startswith(magic):
            return kind
    if head.startswith(_OLE):
        return _by_streams(path)
    if head.startswith(b"PK\x03\x04"):
        return _by_parts(path)
    if head.lstrip().startswith(b"{\\rtf"):
        return ".rtf"
    if head.startswith(b"BM") and head[6:10] == bytes(4):  # as every bitmap has, and no text that begins so
        return ".bmp"
    return ".webp" if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else ".pdf" if head.lstrip().startswith(b"%PDF-") else ""


def _by_parts(path: Path) -> str:
    with suppress(zipfile.BadZipFile, UnicodeDecodeError, ValueError, NotImplementedError), zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        office = "[Content_Types].xml" in names
        return next((kind for part, kind in _PARTS.items() if part in names), "" if office else ".zip")
    return ""


def _by_streams(path: Path) -> str:
    import olefile

    # olefile follows the branches of a directory that a damaged file may join to a circle
    with suppress(OSError, ValueError, RecursionError), olefile.OleFileIO(str(path)) as ole:
        names = {"/".join(name) for name in ole.listdir()}
        return next((kind for stream, kind in _STREAMS.items() if stream in names), "")
    return ""


def _by_text(head: bytes) -> str:
    if is_saved_whole(head):
        return ".eml" if _MAIL.search(head) else ".mhtml"
    wide = head.startswith(_WIDE)
    text = head.removeprefix(b"\xef\xbb\xbf").decode("utf-16" if wide else "latin-1", errors="replace")
    return next((kind for pattern, kind in _XML if pattern.search(text)), "")
