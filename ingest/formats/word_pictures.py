"""Pictures in Word files: the text of those that hold some, recognised, and how many do not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

from ingest.extracted import Paragraph
from ingest.formats.page_text import assemble

_BLIP = "{http://schemas.openxmlformats.org/drawingml/2006/main}blip"
_EXTENT = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}extent"
_INLINE = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_IMAGE_DATA = "{urn:schemas-microsoft-com:vml}imagedata"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_POINT = 12_700  # units of a drawing (EMU) to a point
_LEAST_WIDE, _LEAST_HIGH = 150.0, 60.0  # points: what is smaller is an emblem or a signature
_SIZE = re.compile(r"(width|height):\s*([\d.]+)pt")
_LINES, _LETTERS = 3, 20  # least text of a picture of a table or a page; a photograph has a name board
_MOST = 30  # pictures that are looked at: one takes a second


class Pictures:
    """Reads the pictures of a document, and counts what was found."""

    def __init__(self, part: Callable[[str | None], bytes | None], beat: Callable[[], None]) -> None:
        self._part, self._beat = part, beat
        self._seen = self.recognised = self.empty = self.unread = 0

    def text_of(self, paragraph: Any) -> Iterator[Paragraph]:
        """Yield the text in the pictures of a paragraph."""
        for number in _numbers(paragraph):
            data = self._part(number)
            if data is None:
                self.unread += 1
                continue
            self._seen += 1
            if self._seen > _MOST:
                self.unread += 1
                continue
            found = _recognised(data)
            self._beat()
            self.unread += found is None
            self.empty += found == ()
            self.recognised += bool(found)
            yield from found or ()

    def warnings(self) -> tuple[str, ...]:
        """Return what to say of the pictures."""
        told = ((self.recognised, "里的文字是识别出来的"), (self.empty, "没有文字"), (self.unread, "没有读"))
        return tuple(f"有 {count} 张图片{what}" for count, what in told if count)


def _numbers(paragraph: Any) -> Iterator[str | None]:
    """Yield the numbers of the relationships to the pictures that are large enough to hold text."""
    for blip in paragraph.iter(_BLIP):
        holder = next(
            (above for above in blip.iterancestors() if above.tag.startswith(_INLINE) and above.find(_EXTENT) is not None), None
        )
        extent = None if holder is None else holder.find(_EXTENT)
        size = (0, 0) if extent is None else tuple(int(extent.get(name) or 0) / _POINT for name in ("cx", "cy"))
        if size[0] >= _LEAST_WIDE and size[1] >= _LEAST_HIGH:
            yield blip.get(f"{_R}embed")
    for image in paragraph.iter(_IMAGE_DATA):
        style = dict(_SIZE.findall(image.getparent().get("style") or ""))
        if float(style.get("width", _LEAST_WIDE)) >= _LEAST_WIDE and float(style.get("height", _LEAST_HIGH)) >= _LEAST_HIGH:
            yield image.get(f"{_R}id")


def _recognised(data: bytes) -> tuple[Paragraph, ...] | None:
    """Return the text of a picture, () if it holds none, None if it cannot be opened (a drawing in EMF)."""
    import numpy as np
    from PIL import Image, UnidentifiedImageError

    from ingest.formats.ocr import LONGEST_SIDE, recognise

    try:
        with Image.open(BytesIO(data)) as image:
            upright = image.convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    page = recognise(np.asarray(upright)[:, :, ::-1])
    if len(page.lines) < _LINES or sum(len(line.text) for line in page.lines) < _LETTERS:
        return ()
    return tuple(Paragraph(one.text, form=one.form) for one in assemble([page]).paragraphs)
