"""Walk a folder and read its files: folder → files, file → Document or the reason why not."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ingest.bulletin import is_bulletin, read_bulletin
from ingest.clean import clean_text
from ingest.document import Document, Skipped
from ingest.docx import read_docx
from ingest.errors import FolderMissing, Unreadable
from ingest.facts import with_facts
from ingest.news import read_article
from ingest.official import read_official
from ingest.original import Original, Paragraph, lay_out
from ingest.pdf import read_pdf
from ingest.plaintext import read_plaintext
from ingest.webpage import read_webpage

READERS: dict[str, Callable[[Path], Original]] = {
    ".pdf": read_pdf,
    ".docx": read_docx,
    ".html": read_webpage,
    ".htm": read_webpage,
    ".shtml": read_webpage,
    ".txt": read_plaintext,
    ".md": read_plaintext,
}
LARGEST_FILE = 200 * 1024 * 1024  # bytes; an issue with photographs has 10 to 30 MB
_LEGACY = {".doc", ".wps", ".rtf", ".xls", ".ppt"}
_NOT_DOCUMENTS = {"readme.md", "readme.txt", "thumbs.db", "desktop.ini"}


def walk(folder: Path, unread: list[Skipped] | None = None) -> Iterator[tuple[Path, str]]:
    """Yield each file below a folder with its path relative to it, in order; leave out hidden, lock and guide files.

    What cannot be listed, is no ordinary file, or has a name that is no text is added to `unread`; a folder ends with "/".
    """
    if not folder.is_dir():
        raise FolderMissing(f"没有这个文件夹：{folder}")
    skipped = [] if unread is None else unread

    def failed(error: OSError) -> None:
        if Path(error.filename) == folder:
            raise FolderMissing(f"文件夹打不开：{folder}（{error.strerror}）") from error
        skipped.append(Skipped(f"{_readable(Path(error.filename), folder)}/", f"文件夹打不开：{error.strerror}"))

    for root, folders, files in os.walk(folder, onerror=failed):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if name.startswith((".", "~$")) or name.lower() in _NOT_DOCUMENTS:
                continue
            path = Path(root) / name
            if reason := _no_document(path, folder):
                skipped.append(Skipped(_readable(path, folder), reason))
            else:
                yield path, path.relative_to(folder).as_posix()


def _no_document(path: Path, folder: Path) -> str:
    """Return why a path cannot be a document, "" if it can."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return "文件名的编码不对，显示为乱码：请改名"
    if not path.exists():
        return "链接指向的文件不存在" if path.is_symlink() else "文件已不在"
    if not path.is_file():
        return "不是普通文件"
    if path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):  # linked folders are not entered
        return "链接指向文件夹之外：请把文件复制进来"
    return ""


def _readable(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix().encode(errors="replace").decode()


def read_document(path: Path, file: str) -> Document:
    """Read one file as the Document at `file`; raise Unreadable with the reason."""
    suffix = path.suffix.lower()
    if suffix in _LEGACY:
        raise Unreadable(f"旧格式 {suffix} 读不了：请用 Word/WPS 打开后另存为 .docx")
    if suffix not in READERS:
        raise Unreadable(f"不支持的格式 {suffix or '（没有扩展名）'}：支持 {' '.join(READERS)}")
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise Unreadable(f"文件太大（{size // 2**20} MB，上限 {LARGEST_FILE // 2**20} MB）")
        return structure(READERS[suffix](path), file)
    except Unreadable:
        raise
    except OSError as error:
        raise Unreadable(f"打不开：{error.strerror or type(error).__name__}") from error
    except Exception as error:  # whatever a library makes of a file it was not written for; the report tells of it
        raise Unreadable(f"读取时出错，文件可能已损坏（{type(error).__name__}）") from error


def read_record(record: Mapping[str, Any]) -> Original:
    """Read one record of a corpus: its text, and its title if it has one."""
    paragraphs = (Paragraph(clean) for line in str(record["text"]).splitlines() if (clean := clean_text(line)))
    return Original(tuple(paragraphs), clean_text(str(record.get("title") or "")))


def structure(original: Original, file: str) -> Document:
    """Find out what kind of document the paragraphs are, and its items."""
    text, lines, page_starts = lay_out(original.paragraphs)
    stem = Path(file).stem
    if is_bulletin(lines):
        document = read_bulletin(file, stem, text, lines, page_starts)
        if document.items:
            return _complete(document, original)
    official = read_official(file, stem, text, lines, original, page_starts)
    if official:
        return _complete(official, original)
    document = read_article(file, stem, text, lines, original, page_starts)
    if not document.items:
        raise Unreadable("没有找到正文")
    return _complete(document, original)


def _complete(document: Document, original: Original) -> Document:
    """Add what does not depend on the kind: facts, recognised pages, the reader's warnings."""
    warnings = (*original.warnings, *document.warnings)
    return with_facts(replace(document, recognised=original.recognised, warnings=warnings))
