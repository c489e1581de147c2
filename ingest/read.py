"""Read a file that is one document: extract its text, find its kind, its items and their facts."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from ingest.document import Document
from ingest.errors import NotNow, Unreadable
from ingest.extracted import Extracted, Paragraph, lay_out
from ingest.facts.extract import with_facts
from ingest.formats.clean import clean_text
from ingest.formats.docx import read_docx
from ingest.formats.legacy import read_legacy
from ingest.formats.ocr import read_image
from ingest.formats.ofd import read_ofd
from ingest.formats.pdf import read_pdf
from ingest.formats.plaintext import read_plaintext
from ingest.formats.webpage import read_webpage
from ingest.grammars.certainty import with_certainty
from ingest.grammars.collection import is_collection, read_collection
from ingest.grammars.news import read_article
from ingest.grammars.official import read_official
from ingest.grammars.roles import read_roles

READERS: dict[str, Callable[[Path], Extracted]] = {
    ".docx": read_docx,
    **dict.fromkeys((".html", ".htm", ".shtml", ".mhtml", ".mht"), read_webpage),
    **dict.fromkeys((".txt", ".md"), read_plaintext),
    ".ofd": read_ofd,
    **dict.fromkeys((".doc", ".wps", ".rtf", ".xls", ".et"), read_legacy),
}
PAGED: dict[str, Callable[[Path, Callable[[], None]], Extracted]] = {  # these call their second argument after each page
    ".pdf": read_pdf,
    **dict.fromkeys((".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".webp"), read_image),
}
LARGEST_FILE = 200 * 1024 * 1024  # bytes; an issue with photographs has 10 to 30 MB
_LARGEST_UNPACKED = 1024 * 1024 * 1024  # bytes; size of a Word, Excel or OFD file when unpacked
SUPPORTED = "PDF、Word、Excel、OFD、网页、文本、图片、邮件、CSV、JSONL，以及装着它们的 ZIP"
_PACKED = {".docx", ".xlsx", ".ofd"}


def no_beat() -> None:
    """Ignore that another page has been read."""


@contextmanager
def reasons() -> Iterator[None]:
    """Turn any error in the block into Unreadable or NotNow, with the reason as its message."""
    try:
        yield
    except Unreadable:
        raise
    except OSError as error:
        raise NotNow(f"打不开：{error.strerror or type(error).__name__}") from error
    except MemoryError as error:
        raise NotNow("内存不够，读不了这么大的文件：请拆成几个文件") from error
    except Exception as error:  # libraries raise anything on files they do not expect; the report names it
        raise Unreadable(f"读取时出错，文件可能已损坏（{type(error).__name__}）") from error


def check_size(path: Path) -> None:
    """Raise Unreadable for a file that is too large, or would be when unpacked."""
    size = path.stat().st_size
    if size > LARGEST_FILE:
        raise Unreadable(f"文件太大（{size // 2**20} MB，上限 {LARGEST_FILE // 2**20} MB）")
    if path.suffix.lower() in _PACKED and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            unpacked = sum(member.file_size for member in packed.infolist())
        if unpacked > _LARGEST_UNPACKED:
            raise Unreadable(f"像是压缩炸弹：解开后有 {unpacked // 2**20} MB，没有读")


def read_document(path: Path, file: str, beat: Callable[[], None] = no_beat) -> Document:
    """Read one file into a Document named `file`; raise Unreadable with the reason. `beat` is called after each page."""
    suffix = path.suffix.lower()
    with reasons():
        if suffix not in READERS and suffix not in PAGED:
            raise Unreadable(f"不支持的格式 {suffix or '（没有扩展名）'}：支持 {SUPPORTED}")
        check_size(path)
        return structure(PAGED[suffix](path, beat) if suffix in PAGED else READERS[suffix](path), file)


def read_record(record: Mapping[str, Any]) -> Extracted:
    """Read one record of a corpus: its text, and its title if it has one."""
    paragraphs = (Paragraph(clean) for line in str(record["text"]).splitlines() if (clean := clean_text(line)))
    return Extracted(tuple(paragraphs), clean_text(str(record.get("title") or "")))


def structure(extracted: Extracted, file: str) -> Document:
    """Find the kind of a document and its items; raise Unreadable if there is no text in it."""
    text, lines, page_starts = lay_out(extracted.paragraphs)
    stem = Path(file).stem
    roles = read_roles(lines)
    if is_collection(lines, roles):
        document = read_collection(file, stem, text, lines, page_starts, roles, extracted)
    else:
        doubtful = {line.start for row, line in enumerate(lines) if roles.is_doubtful(row)}
        official = read_official(file, stem, text, lines, extracted, page_starts, doubtful)
        document = official or read_article(file, stem, text, lines, extracted, page_starts, doubtful)
    if not document.items:
        raise Unreadable("没有找到正文")
    return _complete(with_certainty(document, lines, roles), extracted)


def _complete(document: Document, extracted: Extracted) -> Document:
    """Add what does not depend on the kind: facts, address, access group, recognised pages, the reader's warnings."""
    warnings = (*extracted.warnings, *document.warnings)
    return with_facts(
        replace(document, url=extracted.url, group=extracted.group, recognised=extracted.recognised, warnings=warnings)
    )
