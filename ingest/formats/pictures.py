"""Pictures within documents: the text of those that hold some, recognised, and how many do not."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from io import BytesIO
from typing import Any

from ingest.errors import Unreadable
from ingest.formats.ocr import LONGEST_SIDE, POINTS, check_frame, recognised_boxes
from ingest.formats.reading_order import Box, in_reading_order

LEAST_WIDE, LEAST_HIGH = 150.0, 60.0  # points: what is smaller is an emblem or a signature
_LINES, _LETTERS = 3, 20  # least text of a picture of a table or a page; a photograph has a name board
_MOST = 30  # pictures of a document that are looked at: one takes a second


class Pictures:
    """Reads the pictures of a document, and counts what was found; the same picture twice is recognised once."""

    def __init__(self, beat: Callable[[], None] = lambda: None) -> None:
        self._beat = beat
        self._known: dict[bytes, tuple[Sequence[Box], float]] = {}
        self._recognised = self._empty = self._unread = 0

    def boxes(self, image: Any | None) -> tuple[Sequence[Box], float]:
        """Return the pieces of text in a picture, in its pixels, and their confidence; ([], 0.0) if it holds no text.

        `image` is `(height, width, 3)` uint8 in BGR, None for a picture that cannot be opened.
        """
        if image is None:
            self._unread += 1
            return [], 0.0
        mark = hashlib.sha256(image.tobytes()).digest()
        if mark in self._known:
            return self._known[mark]
        if len(self._known) >= _MOST:
            self._unread += 1
            return [], 0.0
        boxes, sure = recognised_boxes(image)
        self._beat()
        holds = len(in_reading_order(boxes)) >= _LINES and sum(len(box.text) for box in boxes) >= _LETTERS
        self._recognised += holds
        self._empty += not holds
        self._known[mark] = ([moved(box, 1 / POINTS) for box in boxes], sure) if holds else ([], 0.0)
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
    """Return a picture from its file, as `Pictures.boxes` takes it; None if it is a drawing (EMF), or too large."""
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
