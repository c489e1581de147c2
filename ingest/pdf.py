"""PDF files with a text layer, through pypdf: printed lines with their pages, joined into paragraphs."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

from ingest.clean import PrintedLine, clean_text, join_printed, width
from ingest.errors import Unreadable
from ingest.original import Original

_PAGE_NUMBER = re.compile(r"^[-—–·\s]*(第\s*)?\d{1,4}(\s*[/／]\s*\d{1,4})?(\s*页)?(\s*共\s*\d+\s*页)?[-—–·\s]*$")
_MIN_CHARACTERS_A_PAGE = 20  # fewer on average: the pages are pictures
_INDENT_POINTS = 12.0  # two characters of small print are 18 points; ragged left edges stay below 6
_COLUMN_POINTS = 100.0  # no indent is as wide, no column narrower
_COLUMN_SHARE = 0.15  # of a page's lines that begin at a margin


def read_pdf(path: Path) -> Original:
    """Read the text layer of a PDF; raise Unreadable if it is damaged, encrypted, empty or scanned."""
    from pypdf import PdfReader

    with path.open("rb") as stream:
        head = stream.read(1024)
        if not head:
            raise Unreadable("文件是空的")
        if b"%PDF-" not in head:
            raise Unreadable(f"内容不是 PDF{_looks_like(head)}，请检查文件或改正扩展名")
        try:
            reader = PdfReader(stream)
            if reader.is_encrypted and not reader.decrypt(""):
                raise Unreadable("PDF 已加密，需要密码：请另存一份不加密的")
            pages = [_page_lines(page) for page in reader.pages]
        except Unreadable:
            raise
        except Exception as error:  # pypdf meets damage with whatever goes wrong first
            raise Unreadable(f"PDF 已损坏，读不出来（{type(error).__name__}）") from error
    return _assemble(pages)


def _assemble(pages: list[list[tuple[float, str]]]) -> Original:
    if not pages:
        raise Unreadable("PDF 一页也没有")
    if sum(len(text) for page in pages for _, text in page) < _MIN_CHARACTERS_A_PAGE * len(pages):
        raise Unreadable("没有文字层，是扫描件：请先用文字识别（OCR）软件转成带文字的 PDF")
    repeated = _running_lines(pages)
    printed: list[PrintedLine] = []
    for number, page in enumerate(pages, 1):
        body = [(x, text) for x, text in page if _masked(text) not in repeated]
        while body and _PAGE_NUMBER.match(body[-1][1]):
            body.pop()
        while body and _PAGE_NUMBER.match(body[0][1]):
            body.pop(0)
        margins = _margins(body)
        printed += [PrintedLine(text, number, _is_indented(x, margins)) for x, text in body]
    widths = sorted(width(line.text) + (2 if line.indented else 0) for line in printed)
    full = widths[int(len(widths) * 0.9)] if widths else 0.0
    return Original(tuple(join_printed(printed, full)))


def _page_lines(page: Any) -> list[tuple[float, str]]:
    """Return the lines of a page in reading order: the left edge in points, and the text."""
    lines: list[tuple[float, str]] = []
    pieces: list[str] = []
    edge: float | None = None

    def end_line() -> None:
        nonlocal edge
        text = clean_text("".join(pieces))
        if text:
            lines.append((edge or 0.0, text))
        pieces.clear()
        edge = None

    def collect(text: str, cm: list[float], tm: list[float], _font: object, _size: float) -> None:
        nonlocal edge
        for number, piece in enumerate(text.split("\n")):
            if number:
                end_line()
            if piece.strip() and edge is None:
                edge = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
            pieces.append(piece)

    page.extract_text(visitor_text=collect)
    end_line()
    return lines


def _margins(lines: list[tuple[float, str]]) -> list[int]:
    """Return the left margin of each column, from left to right."""
    edges = Counter(round(x) for x, _ in lines)
    margins: list[int] = []
    for edge in sorted(edges):
        if edges[edge] >= len(lines) * _COLUMN_SHARE and (not margins or edge - margins[-1] >= _COLUMN_POINTS):
            margins.append(edge)
    return margins


def _is_indented(x: float, margins: list[int]) -> bool:
    left = max((margin for margin in margins if margin <= x + _INDENT_POINTS), default=x)
    return x - left > _INDENT_POINTS


def _masked(text: str) -> str:
    return re.sub(r"\d+", "0", text)


def _running_lines(pages: list[list[tuple[float, str]]]) -> set[str]:
    """Return the heads and feet that repeat on most pages, with their digits masked."""
    if len(pages) < 3:
        return set()
    edges = ({_masked(text) for _, text in page[:1] + page[-2:] if not text.endswith("。")} for page in pages)
    seen = Counter(mark for marks in edges for mark in marks)
    return {mark for mark, times in seen.items() if times >= max(3, len(pages) * 0.6)}


def _looks_like(head: bytes) -> str:
    for magic, name in ((b"\xff\xd8\xff", "JPEG 图片"), (b"\x89PNG", "PNG 图片"), (b"PK\x03\x04", "Office 或压缩文件")):
        if head.startswith(magic):
            return f"，而是{name}"
    return ""
