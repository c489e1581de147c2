"""Word files (.docx): paragraphs, tables, text boxes and content controls in their order, insertions accepted."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingest.clean import clean_text
from ingest.errors import Unreadable
from ingest.original import Original, Paragraph

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # says again what its twin says
_BREAKS = {f"{_W}tab": " ", f"{_W}br": "\n", f"{_W}cr": "\n"}


def read_docx(path: Path) -> Original:
    """Read a Word file; raise Unreadable if it is damaged, encrypted or empty."""
    from docx import Document as open_docx

    if not path.stat().st_size:
        raise Unreadable("文件是空的")
    if not zipfile.is_zipfile(path):
        raise Unreadable("内容不是 .docx（可能是加密的或旧版 .doc）：请用 Word/WPS 打开后另存为 .docx")
    try:
        body = open_docx(str(path)).element.body
    except Exception as error:  # python-docx, zipfile, zlib and lxml each have their own for a damaged file
        raise Unreadable(f"Word 文件已损坏，读不出来（{type(error).__name__}）") from error
    paragraphs = tuple(Paragraph(clean) for text in _texts(body) for line in text.splitlines() if (clean := clean_text(line)))
    if not paragraphs:
        raise Unreadable("Word 文件里没有文字（可能只有图片）")
    return Original(paragraphs)


def _texts(container: Any) -> Iterator[str]:
    """Yield the paragraphs and table rows below an element; a paragraph's text boxes follow it."""
    for child in container:
        if child.tag == f"{_W}p":
            yield _own_text(child)
            for box in child.iter(f"{_W}txbxContent"):
                if not any(above.tag == _FALLBACK for above in box.iterancestors()):
                    yield from _texts(box)
        elif child.tag == f"{_W}tr":
            yield " | ".join(
                " ".join(_texts(cell)).replace("\n", " ") for cell in child.iter(f"{_W}tc") if _row_of(cell) is child
            )
        elif child.tag != f"{_W}sectPr":
            yield from _texts(child)


def _own_text(paragraph: Any) -> str:
    pieces: list[str] = []
    for element in paragraph.iter(f"{_W}t", *_BREAKS):
        if next(element.iterancestors(f"{_W}p")) is paragraph:
            pieces.append(_BREAKS.get(element.tag) or element.text or "")
    return "".join(pieces)


def _row_of(cell: Any) -> Any:
    return next(cell.iterancestors(f"{_W}tr"))
