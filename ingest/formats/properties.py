"""What the properties of PDF files, old Office files and mails of Outlook state of whom the file is for."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from ingest.access.words import NOBODY, UNJUDGED, groups_of, is_heading, stated_in_lines

PROPERTIES = ("keywords", "category", "description", "subject", "contentstatus")  # Word and Excel 2003 write capitals
_OLE_SUMMARY = ("keywords", "category", "comments", "subject", "content_status")
_OLE_OWN = "\x05DocumentSummaryInformation"  # the stream with the properties that users name themselves
_OLE_CODES = ("utf-16-le", "gb18030", "utf-8")


def stated_in_pdf(path: Path) -> tuple[frozenset[str], bytes]:
    """Return what the information of a PDF states, and the metadata (XMP) that newer files have, b"" if there is none."""
    from pypdf import PdfReader

    reader, found = PdfReader(path), NOBODY
    for key, value in (reader.metadata or {}).items():
        name = key.lstrip("/")
        found |= groups_of(str(value), name) if is_heading(name) else NOBODY
        found |= stated_in_lines(str(value).splitlines()) if name.lower() in PROPERTIES else NOBODY
    metadata = reader.root_object.get("/Metadata")
    return found, metadata.get_object().get_data() if metadata else b""


def stated_in_ole(path: Path) -> frozenset[str]:
    """Return what the properties of an OLE file state; a property that a user named so is not read, but closes."""
    import olefile

    if not olefile.isOleFile(str(path)):  # a text or page under an old name
        return NOBODY
    with olefile.OleFileIO(str(path)) as ole:
        known = ole.get_metadata()
        own = ole.openstream([_OLE_OWN]).read() if ole.exists([_OLE_OWN]) else b""
    code = _code_page(getattr(known, "codepage", None))
    values = (getattr(known, name, None) for name in _OLE_SUMMARY)
    texts = [value.decode(code, "replace") if isinstance(value, bytes) else str(value or "") for value in values]
    names = (own[start:].decode(one, "replace") for one in _OLE_CODES for start in (0, 1))
    closes = any(is_heading(word) for text in names for word in re.findall(r"\w+", text))
    return stated_in_lines(line for text in texts for line in text.splitlines()) | (UNJUDGED if closes else NOBODY)


def _code_page(number: int | None) -> str:
    """Return the encoding of a code page of Windows, which is negative beyond 32,767; GB 18030 for an unknown one."""
    page = (number or 936) % 65536
    try:
        return codecs.lookup({65001: "utf-8", 1200: "utf-16-le"}.get(page, f"cp{page}")).name
    except LookupError:
        return "gb18030"
