"""Pictures in Word files: which are large enough to hold text, and the text of those that do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from ingest.extracted import Paragraph
from ingest.formats.ocr import POINTS
from ingest.formats.page_text import Page, assemble
from ingest.formats.pictures import LEAST_HIGH, LEAST_WIDE, Pictures, moved
from ingest.formats.reading_order import in_reading_order

_BLIP = "{http://schemas.openxmlformats.org/drawingml/2006/main}blip"
_EXTENT = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}extent"
_INLINE = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_IMAGE_DATA = "{urn:schemas-microsoft-com:vml}imagedata"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_POINT = 12_700  # units of a drawing (EMU) to a point
_SIZE = re.compile(r"(width|height):\s*([\d.]+)pt")


def text_of_pictures(paragraph: Any, part: Callable[[str | None], bytes | None], pictures: Pictures) -> Iterator[Paragraph]:
    """Yield the text in the pictures of a paragraph; `part` returns what a relationship names, None if it is missing."""
    for number in _numbers(paragraph):
        seen = pictures.in_part(partial(part, number))
        lines = in_reading_order([moved(box, POINTS) for box in seen.boxes])
        yield from (Paragraph(one.text, form=one.form) for one in assemble([Page(tuple(lines))]).paragraphs)


def _numbers(paragraph: Any) -> Iterator[str | None]:
    """Yield the numbers of the relationships to the pictures that are large enough to hold text."""
    for blip in paragraph.iter(_BLIP):
        holder = next(
            (above for above in blip.iterancestors() if above.tag.startswith(_INLINE) and above.find(_EXTENT) is not None), None
        )
        extent = None if holder is None else holder.find(_EXTENT)
        size = (0, 0) if extent is None else tuple(int(extent.get(name) or 0) / _POINT for name in ("cx", "cy"))
        if size[0] >= LEAST_WIDE and size[1] >= LEAST_HIGH:
            yield blip.get(f"{_R}embed")
    for image in paragraph.iter(_IMAGE_DATA):
        style = dict(_SIZE.findall(image.getparent().get("style") or ""))
        if float(style.get("width", LEAST_WIDE)) >= LEAST_WIDE and float(style.get("height", LEAST_HIGH)) >= LEAST_HIGH:
            yield image.get(f"{_R}id")
