"""Saved web pages: the article without navigation, through trafilatura."""

from __future__ import annotations

import re
from pathlib import Path

from ingest.clean import clean_text
from ingest.errors import Unreadable
from ingest.original import Original, Paragraph
from ingest.plaintext import decode

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_BLOCKS = {"p", "head", "item", "row", "quote", "code", "ab"}


def read_webpage(path: Path) -> Original:
    """Read the article of an HTML file; raise Unreadable if it holds none."""
    from lxml.etree import tostring
    from trafilatura import bare_extraction

    data = path.read_bytes()
    if not data.strip():
        raise Unreadable("文件是空的")
    page = bare_extraction(_markup(data), favor_recall=True, include_comments=False, with_metadata=True, deduplicate=False)
    if page is None or page.body is None:
        raise Unreadable("网页里没有找到正文")
    paragraphs: list[Paragraph] = []
    for element in page.body.iter(*_BLOCKS):
        if any(above.tag in _BLOCKS for above in element.iterancestors()):
            continue
        cells = element.iter("cell") if element.tag == "row" else [element]
        text = " | ".join(tostring(cell, method="text", encoding="unicode", with_tail=False) for cell in cells)
        paragraphs += [Paragraph(clean) for line in text.splitlines() if (clean := clean_text(line))]
    if not paragraphs:
        raise Unreadable("网页里没有找到正文")
    source = clean_text(page.sitename or "")
    return Original(tuple(paragraphs), clean_text(page.title or ""), page.date or "", source, clean_text(page.author or ""))


def _markup(data: bytes) -> str:
    """Decode by what the page declares, else as any text file."""
    declared = _CHARSET.search(data[:4096])
    name = declared[1].decode().lower() if declared else ""
    if name in ("gb2312", "gbk", "gb18030"):
        return data.decode("gb18030", errors="replace")
    return decode(data)
