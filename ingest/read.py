"""Read a file that is one document: extract its text, find its kind, its items and their facts."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from ingest.access.words import label, parts
from ingest.budget import Budget
from ingest.document import CLOSED, Document
from ingest.errors import NotNow, Unreadable
from ingest.extracted import Extracted, Paragraph, lay_out
from ingest.facts.extract import with_facts
from ingest.formats.clean import clean_text
from ingest.formats.docx import read_docx
from ingest.formats.kinds import kind_of
from ingest.formats.legacy import read_legacy
from ingest.formats.marks import stated_in_file, stated_in_paragraphs
from ingest.formats.ocr import read_image
from ingest.formats.ofd import read_ofd
from ingest.formats.office_xml import read_excel_2003, read_flat_word, read_word_2003
from ingest.formats.pdf import read_pdf
from ingest.formats.plaintext import read_plaintext
from ingest.formats.slides import read_slides
from ingest.formats.webpage import read_webpage
from ingest.grammars.certainty import with_certainty
from ingest.grammars.collection import is_collection, read_collection
from ingest.grammars.masthead import is_issue_line
from ingest.grammars.news import read_article
from ingest.grammars.official import read_official
from ingest.grammars.roles import read_roles

Reader = Callable[[Path, Callable[[], None]], Extracted]  # calls its second argument after each page or picture


def _at_once(reader: Callable[[Path], Extracted]) -> Reader:
    return lambda path, _beat: reader(path)


_READ_WEBPAGE, _READ_PLAINTEXT, _READ_LEGACY = map(_at_once, (read_webpage, read_plaintext, read_legacy))
PAGED = frozenset((".pdf", ".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".webp"))  # whose pages are pictures to look at
READERS: dict[str, Reader] = {
    **dict.fromkeys((".docx", ".docm"), read_docx),
    **dict.fromkeys((".html", ".htm", ".shtml", ".mhtml", ".mht"), _READ_WEBPAGE),
    **dict.fromkeys((".txt", ".md"), _READ_PLAINTEXT),
    ".ofd": read_ofd,
    ".pptx": _at_once(read_slides),
    **dict.fromkeys((".doc", ".wps", ".rtf"), _READ_LEGACY),
    ".pdf": read_pdf,
    **dict.fromkeys(PAGED - {".pdf"}, read_image),
}
_BY_CONTENT: dict[str, Callable[[Path], Extracted]] = {  # kinds that no name promises
    ".flatopc": read_flat_word,
    ".wordml": read_word_2003,
    ".spreadsheetml": read_excel_2003,
}
_UNREAD = {  # kinds that are known and not read
    ".7z": "7z 压缩包读不了：请解压后放进文件夹，或另存为 .zip",
    ".rar": "RAR 压缩包读不了：请解压后放进文件夹，或另存为 .zip",
    ".ppt": "旧格式 .ppt 读不了：请用 PowerPoint/WPS 打开后另存为 .pptx",
    ".encrypted": "文件已加密，需要密码：请另存一份不加密的",
}
LARGEST_FILE = 200 * 1024 * 1024  # bytes; an issue with photographs has 10 to 30 MB
_UNCLEAR = "知悉范围写得读不出来，只有能看全部文件的人看得到：请写成一个分组的名称，或“公开”"
_LARGEST_UNPACKED = 1024 * 1024 * 1024  # bytes; size of a Word, Excel or OFD file when unpacked
SUPPORTED = "PDF、Word、Excel、PPT、OFD、网页、文本、图片、邮件、CSV、JSONL，以及装着它们的 ZIP"


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
        raise Unreadable("内存不够，读不了这么大的文件：请拆成几个文件") from error
    except Exception as error:  # libraries raise anything on files they do not expect; the report names it
        raise Unreadable(f"读取时出错，文件可能已损坏（{type(error).__name__}）") from error


def check_size(path: Path, budget: Budget) -> None:
    """Raise Unreadable for a file that is too large, or would be when unpacked."""
    size = path.stat().st_size
    if size > LARGEST_FILE:
        raise Unreadable(f"文件太大（{size // 2**20} MB，上限 {LARGEST_FILE // 2**20} MB）")
    if path.suffix.lower() != ".zip" and zipfile.is_zipfile(path):  # an archive's members are counted one by one
        with zipfile.ZipFile(path) as packed:
            unpacked = sum(member.file_size for member in packed.infolist())
        if unpacked > min(_LARGEST_UNPACKED, budget.bytes):
            raise Unreadable(f"像是压缩炸弹：解开后有 {unpacked // 2**20} MB，没有读")


def read_document(path: Path, file: str, budget: Budget | None = None) -> Document:
    """Read one file into a Document named `file`; raise Unreadable with the reason."""
    budget = budget or Budget()
    with reasons():
        check_size(path, budget)
        kind = kind_of(path)
        if kind not in _BY_CONTENT and kind not in READERS:
            raise Unreadable(_UNREAD.get(kind) or f"不支持的格式 {kind or '（没有扩展名）'}：支持 {SUPPORTED}")
        extracted = _BY_CONTENT[kind](path) if kind in _BY_CONTENT else READERS[kind](path, budget.page)
        return structure(replace(extracted, groups=extracted.groups | stated_in_file(path, kind)), file)


def read_record(record: Mapping[str, Any]) -> Extracted:
    """Read one record of a corpus: its text, and its title if it has one."""
    paragraphs = (Paragraph(clean) for line in str(record["text"]).splitlines() if (clean := clean_text(line)))
    return Extracted(tuple(paragraphs), clean_text(str(record.get("title") or "")))


def structure(extracted: Extracted, file: str) -> Document:
    """Find the kind of a document and its items; raise Unreadable if there is no text in it."""
    text, lines, page_starts = lay_out(extracted.paragraphs)
    if all(is_issue_line(line.text) for line in lines):  # a masthead, of which some programs leave nothing else
        raise Unreadable("没有找到正文")
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
    """Add what does not depend on the kind: facts, address, access groups, recognised pages, the reader's warnings."""
    groups = extracted.groups | stated_in_paragraphs(extracted.paragraphs)
    closed = (_UNCLEAR,) if CLOSED in groups else ()
    warnings = (*extracted.warnings, *document.warnings, *closed)
    if not document.date and extracted.file_date:
        warnings += (f"没有找到日期；文件信息里的创建日期是 {extracted.file_date}，可能不是成文日期，没有采用",)
    return with_facts(
        replace(document, url=extracted.url, group=label(groups), recognised=extracted.recognised, warnings=warnings)
    )


def within(document: Document, groups: frozenset[str]) -> Document:
    """Return a document of a file of which all is for these access groups, too."""
    return replace(document, group=label(parts(document.group) | groups))
