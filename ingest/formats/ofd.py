"""Read OFD files (GB/T 33190) with ofdkit: from pieces of text with their positions on each page to paragraphs."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ingest.errors import Unreadable
from ingest.extracted import Extracted
from ingest.formats.clean import clean_text
from ingest.formats.looks import Face
from ingest.formats.page_text import Page, assemble
from ingest.formats.reading_order import WORD_GAP, Box, in_reading_order

_POINTS = 72 / 25.4  # points to a millimetre
_OUTSIDE = 2.0  # millimetres by which text may lie outside its page; text farther out is not visible
_BOLD = 600  # weight of a font
_TWICE = 0.5  # millimetres; the same text printed twice closer than this is bold
_ASCENT = 0.86  # share of a character's size above its baseline, the rest is below
_SAME_LINE = 0.3  # character heights; baselines of one line are closer
_LONGEST_TITLE = 60  # characters
_NO_TITLE = re.compile(
    r"\.\w{2,5}$|[\\/_]|^(microsoft|wps|word|未命名|无标题|无题|新建|文档\s*\d|幻灯片)|数科|福昕|永中", re.IGNORECASE
)
_HAN = re.compile(r"[\u4e00-\u9fff]")


def read_ofd(path: Path) -> Extracted:
    """Read an OFD file; raise Unreadable if it is damaged, encrypted or has no text."""
    import ofdkit

    if not path.stat().st_size:
        raise Unreadable("文件是空的")
    if not zipfile.is_zipfile(path):
        raise Unreadable("内容不是 OFD，或已损坏：请重新导出或重新复制")
    try:
        with ofdkit.open(path) as document, zipfile.ZipFile(path) as package:
            read = list(_pages(document, package))
            title = clean_text(document.info.title or "")
    except (ofdkit.OFDError, zipfile.BadZipFile) as error:
        raise Unreadable(f"OFD 已损坏或已加密，打不开（{error}）：请另存为 PDF 再放进来") from error
    pages = [page for page, _ in read]
    warnings = [*_warnings(read, "failed", "读不出来，内容缺失"), *_warnings(read, "picture", "只有图片，图片里的文字没有读")]
    if not any(page.lines for page in pages):
        reason = "；".join(warnings) or "没有文字"
        raise Unreadable(f"OFD 里没有读到文字（{reason}）：请另存为 PDF 再放进来")
    extracted = assemble(pages)
    return replace(extracted, title=title if _is_title(title) else "", warnings=(*extracted.warnings, *warnings))


def _pages(document: Any, package: zipfile.ZipFile) -> Iterator[tuple[Page, str]]:
    """Yield each page and its fault: "failed", "picture" or ""; a page that fails does not stop the others."""
    import ofdkit

    for page in document.pages:
        try:
            lines = tuple(in_reading_order(_joined(_boxes(page, _faces(page, package)))))
        except ofdkit.OFDError:
            yield Page(()), "failed"
            continue
        fault = "" if lines else "failed" if page.location is None else "picture" if _has_picture(page, package) else ""
        yield Page(lines), fault


def _faces(page: Any, package: zipfile.ZipFile) -> dict[str, Face]:
    """Return the face of each text object of a page by its id."""
    from lxml import etree

    if page.location not in package.namelist():
        return {}
    objects = etree.fromstring(
        package.read(page.location), etree.XMLParser(recover=True, resolve_entities=False, huge_tree=False)
    )
    return {
        one.get("ID", ""): Face(float(one.get("Size", 0)), one.get("Font", ""), int(one.get("Weight") or 400) >= _BOLD)
        for one in objects.iter("{*}TextObject")
    }


def _boxes(page: Any, faces: Mapping[str, Face]) -> Iterator[Box]:
    """Yield the visible pieces of text, each once, in points."""
    x0, y0, width, height = page.box
    printed: dict[str, list[tuple[float, float]]] = {}
    for run in page.runs:
        inside = -_OUTSIDE <= run.x - x0 <= width + _OUTSIDE and -_OUTSIDE <= run.y - y0 <= height + _OUTSIDE
        places = printed.setdefault(run.text, [])
        if inside and run.text.strip() and not any(abs(x - run.x) + abs(y - run.y) < _TWICE for x, y in places):
            places.append((run.x, run.y))
            top = run.y - run.size * _ASCENT
            left, right, bottom = run.x, run.x + run.width, top + run.size
            yield Box(
                left * _POINTS,
                top * _POINTS,
                right * _POINTS,
                bottom * _POINTS,
                run.text,
                faces.get(run.object_id, Face(run.size)),
            )


def _joined(boxes: Iterator[Box]) -> list[Box]:
    """Join pieces of one line that have no gap between them: some programs write each character separately."""
    joined: list[Box] = []
    for box in boxes:
        before = joined[-1] if joined else box
        height = max(box.bottom - box.top, 1)
        gap = abs(box.left - before.right) / height
        if joined and box.face == before.face and gap < WORD_GAP and abs(box.bottom - before.bottom) < _SAME_LINE * height:
            top, bottom = min(before.top, box.top), max(before.bottom, box.bottom)
            joined[-1] = Box(before.left, top, box.right, bottom, before.text + box.text, box.face)
        else:
            joined.append(box)
    return joined


def _has_picture(page: Any, package: zipfile.ZipFile) -> bool:
    return page.location in package.namelist() and b"ImageObject" in package.read(page.location)


def _warnings(read: Sequence[tuple[Page, str]], fault: str, words: str) -> list[str]:
    numbers = [str(number) for number, (_, what) in enumerate(read, 1) if what == fault]
    return [f"第 {'、'.join(numbers)} 页{words}"] if numbers else []


def _is_title(text: str) -> bool:
    """Tell whether a text is a title, not what programs put in its place: a file's name, their own name, nothing."""
    return len(_HAN.findall(text)) >= 2 and len(text) <= _LONGEST_TITLE and not _NO_TITLE.search(text)
