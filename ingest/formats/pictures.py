"""Pictures within documents: the text of those that hold some, recognised, and how many do not."""

from __future__ import annotations

import hashlib
import lzma
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from io import BytesIO
from typing import Any, NamedTuple

from ingest.errors import Unreadable
from ingest.formats.ocr import LONGEST_SIDE, POINTS, check_frame, recognised_boxes
from ingest.formats.reading_order import Box, in_reading_order

LEAST_WIDE, LEAST_HIGH = 150.0, 60.0  # points: what is smaller is an emblem or a signature
_LINES, _LETTERS = 3, 20  # least text of a picture of a table or a page; a photograph has a name board
DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, RuntimeError, EOFError, OSError)  # of a part of a package
_MOST = 30  # pictures of a document that are looked at: one takes a second


class Seen(NamedTuple):
    """The pieces of text in a picture, in its pixels, their confidence, and the picture's width in pixels."""

    boxes: Sequence[Box] = ()
    sure: float = 0.0
    width: int = 0


class Pictures:
    """Reads the pictures of a document, and counts what was found; the same picture twice is recognised once."""

    def __init__(self, beat: Callable[[], None] = lambda: None) -> None:
        self._beat = beat
        self._known: dict[bytes, Seen] = {}
        self._recognised = self._empty = self._unread = 0

    def in_part(self, part: Callable[[], bytes | None]) -> Seen:
        """Return what a picture in a package holds; `part` returns its file, None if it is missing, or raises `DAMAGED`."""
        try:
            data = part()
        except DAMAGED:
            data = None
        return self._seen(data, opened)

    def on_page(self, image: Any | None) -> Seen:
        """Return what a piece of a drawn page holds, `(height, width, 3)` uint8 in BGR; None for one without extent."""
        return self._seen(None if image is None else image.tobytes(), lambda _: image)

    def _seen(self, data: bytes | None, image_of: Callable[[bytes], Any | None]) -> Seen:
        """Return the text of a picture, nothing if it has none; one beyond the last that is looked at is not even opened."""
        self._beat()
        mark = hashlib.sha256(data or b"").digest()
        if mark in self._known:
            return self._known[mark]
        image = None if data is None or len(self._known) >= _MOST else image_of(data)
        if image is None:
            self._unread += 1
            return Seen()
        boxes, sure = recognised_boxes(image)
        self._beat()
        holds = len(in_reading_order(boxes)) >= _LINES and sum(len(box.text) for box in boxes) >= _LETTERS
        self._recognised += holds
        self._empty += not holds
        self._known[mark] = Seen([moved(box, 1 / POINTS) for box in boxes], sure, image.shape[1]) if holds else Seen()
        return self._known[mark]

    def warnings(self) -> tuple[str, ...]:
        """Return what to say of the pictures."""
        told = ((self._recognised, "里的文字是识别出来的"), (self._empty, "没有文字"), (self._unread, "没有读"))
        return tuple(f"有 {count} 张图片{what}" for count, what in told if count)


def moved(box: Box, scale: float, left: float = 0.0, top: float = 0.0) -> Box:
    """Return a piece of text in other units, and moved to the right and down in these."""
    return replace(
        box,
        left=left + box.left * scale,
        top=top + box.top * scale,
        right=left + box.right * scale,
        bottom=top + box.bottom * scale,
    )


def opened(data: bytes) -> Any | None:
    """Return a picture from its file, as `Pictures.on_page` takes it; None if it is a drawing (EMF), or too large."""
    import numpy as np
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(BytesIO(data)) as image:
            check_frame(image)
            upright = image.convert("RGB")
    except (Unreadable, UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return np.asarray(upright)[:, :, ::-1]
