"""Read OFD files (GB/T 33190) with ofdkit: from pieces of text with their positions on each page to paragraphs."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from ingest.errors import Unreadable
from ingest.extracted import Extracted
from ingest.formats.attached import unread_attachments
from ingest.formats.information import day_of, usable_title
from ingest.formats.looks import HAN, Face
from ingest.formats.ofd_parts import (
    attachments_of,
    content_of,
    picture_files,
    placed_pictures,
    templates_of,
    unread_annotations,
)
from ingest.formats.page_text import Page, assemble
from ingest.formats.pictures import LEAST_HIGH, LEAST_WIDE, Pictures, moved
from ingest.formats.reading_order import WORD_GAP, Box, in_reading_order

_POINTS = 72 / 25.4  # points to a millimetre
_OUTSIDE = 2.0  # millimetres by which text may lie outside its page; text farther out is not visible
_MOST_PRIVATE = 0.5  # characters in the private area to Chinese ones; with more a text cannot be read
_BOLD = 600  # weight of a font
_TWICE = 0.5  # millimetres; the same text printed twice closer than this is bold
_ASCENT = 0.86  # share of a character's size above its baseline, the rest is below
_SAME_LINE = 0.3  # character heights; baselines of one line are closer


def read_ofd(path: Path, beat: Callable[[], None] = lambda: None) -> Extracted:
    """Read an OFD file; raise Unreadable if it is damaged, encrypted or has no text. `beat` is called after each page."""
    import ofdkit

    if not path.stat().st_size:
        raise Unreadable("文件是空的")
    if not zipfile.is_zipfile(path):
        raise Unreadable("内容不是 OFD，或已损坏：请重新导出或重新复制")
    try:
        with ofdkit.open(path) as document, zipfile.ZipFile(path) as package:
            pictures = Pictures(beat)
            read = list(_pages(document, package, pictures, beat))
            attached = [*unread_attachments(attachments_of(package)), *unread_annotations(package)]
            title = usable_title(document.info.title or "")
            day = day_of(document.info.creation_date or "")
    except (ofdkit.OFDError, zipfile.BadZipFile) as error:
        raise Unreadable(f"OFD 已损坏或已加密，打不开（{error}）：请另存为 PDF 再放进来") from error
    pages = [page for page, _ in read]
    warnings = [*_warnings(read, "failed", "读不出来，内容缺失"), *_warnings(read, "picture", "只有图片，图片里的文字没有读")]
    warnings += pictures.warnings()
    if not any(page.lines for page in pages):
        reason = "；".join(warnings) or "没有文字"
        raise Unreadable(f"OFD 里没有读到文字（{reason}）：请另存为 PDF 再放进来")
    warnings += _without_meaning(line.text for page in pages for line in page.lines)
    extracted = assemble(pages)
    warnings = [*extracted.warnings, *warnings, *attached]
    return replace(extracted, title=title, file_date=day, warnings=tuple(warnings))


def _pages(document: Any, package: zipfile.ZipFile, pictures: Pictures, beat: Callable[[], None]) -> Iterator[tuple[Page, str]]:
    """Yield each page and its fault: "failed", "picture" or ""; a page that fails does not stop the others."""
    import ofdkit

    files, templates = picture_files(package), templates_of(package)
    for page in document.pages:
        content = content_of(package, page.location)
        used = [one.get("TemplateID", "") for one in content.iter("{*}Template")] if content is not None else []
        contents = [content, *(templates[one] for one in used if one in templates)]
        try:
            boxes = _joined(_boxes(page, _faces(content)))
            seen, sure = _in_pictures(contents, package, files, pictures)
        except ofdkit.OFDError:
            yield Page(()), "failed"
            continue
        seen = [box for box in seen if not any(_overlap(box, typed) for typed in boxes)]
        lines = tuple(in_reading_order([*boxes, *seen]))
        pictured = any(next(placed_pictures(one), None) for one in contents)
        fault = "" if lines else "failed" if page.location is None else "picture" if pictured else ""
        yield Page(lines, sure if seen else None), fault
        beat()


def _without_meaning(texts: Iterable[str]) -> list[str]:
    """Return a warning where glyphs have codes that mean nothing; raise Unreadable where most have."""
    whole = "".join(texts)
    private = sum("\ue000" <= one <= "\uf8ff" for one in whole)
    if private > len(HAN.findall(whole)) * _MOST_PRIVATE:
        raise Unreadable(f"OFD 里 {private} 个字没有对应的编码，读不出来：请另存为 PDF 再放进来")
    return [f"有 {private} 个字没有对应的编码，读不出来"] if private else []


def _in_pictures(
    contents: Sequence[Any], package: zipfile.ZipFile, files: Mapping[str, str], pictures: Pictures
) -> tuple[list[Box], float]:
    """Return the pieces of text in the pictures of a page and its templates, in points, and the least of their confidences."""
    found: list[Box] = []
    least = 1.0
    for left, top, width, height, resource in chain.from_iterable(map(placed_pictures, contents)):
        if width * _POINTS < LEAST_WIDE or height * _POINTS < LEAST_HIGH:
            continue
        boxes, sure, pixels = pictures.in_part(partial(package.read, files[resource]) if resource in files else lambda: None)
        scale = width * _POINTS / max(1, pixels)
        found += [moved(box, scale, left * _POINTS, top * _POINTS) for box in boxes]
        least = min(least, sure) if boxes else least
    return found, least


def _overlap(box: Box, typed: Box) -> bool:
    x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    return typed.left <= x <= typed.right and typed.top <= y <= typed.bottom


def _faces(content: Any) -> dict[str, Face]:
    """Return the face of each text object of a page by its id."""
    return {
        one.get("ID", ""): Face(_number(one.get("Size")), one.get("Font", ""), _number(one.get("Weight")) >= _BOLD)
        for one in (content.iter("{*}TextObject") if content is not None else ())
    }


def _number(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


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


def _warnings(read: Sequence[tuple[Page, str]], fault: str, words: str) -> list[str]:
    numbers = [str(number) for number, (_, what) in enumerate(read, 1) if what == fault]
    return [f"第 {'、'.join(numbers)} 页{words}"] if numbers else []
