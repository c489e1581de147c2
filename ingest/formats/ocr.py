"""Recognise text in pictures of pages with RapidOCR, whose models (PP-OCRv6) ship inside the package."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from ingest.errors import Unreadable
from ingest.extracted import Extracted
from ingest.formats.page_text import Page, assemble
from ingest.formats.reading_order import Box, in_reading_order

LONGEST_SIDE = 2000  # pixels; an A4 page at 170 dpi, and the size to which the engine would scale a larger one down
_LONGEST_FRAME = 20_000  # pixels of a picture's longer side; a larger one is not a photographed page
_MOST_PIXELS = 100_000_000  # of a picture; A3 at 600 dpi has 70 million
_NARROWEST = 0.1  # of the longer side; the engine enlarges a picture until its shorter side has 736 pixels
POINTS = 842 / LONGEST_SIDE  # points to a pixel of an A4 page


def read_image(path: Path, beat: Callable[[], None] = lambda: None) -> Extracted:
    """Read the text in a picture, or in each frame of a TIFF, calling `beat` after each; raise Unreadable if there is none."""
    import numpy as np
    from PIL import Image, ImageOps, ImageSequence

    try:
        with Image.open(path) as image:
            pages = []
            for frame in ImageSequence.Iterator(image):
                check_frame(frame)
                upright = ImageOps.exif_transpose(frame).convert("RGB")
                upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
                pages.append(recognise(np.asarray(upright)[:, :, ::-1]))
                beat()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise Unreadable(f"图片已损坏或格式不对，打不开（{type(error).__name__}）") from error
    if not any(page.lines for page in pages):
        raise Unreadable("图片里没有认出文字")
    return assemble(pages)


def check_frame(frame: Any) -> None:
    """Raise Unreadable for a picture, opened by Pillow and not yet decoded, that has too many pixels."""
    if max(frame.size) > _LONGEST_FRAME or frame.width * frame.height > _MOST_PIXELS:
        raise Unreadable(f"图片太大（{frame.width}×{frame.height} 像素）")


def recognise(image: Any) -> Page:
    """Return the lines in a picture, `(height, width, 3)` uint8 in BGR, and their mean confidence, weighted by length."""
    boxes, confidence = recognised_boxes(image)
    return Page(tuple(in_reading_order(boxes)), confidence)


def recognised_boxes(image: Any) -> tuple[list[Box], float]:
    """Return the pieces of text in a picture, in points, `POINTS` to a pixel, and their confidence; input as in `recognise`."""
    result = _engine()(_widened(image), use_cls=False)
    if result.boxes is None or not len(result.boxes):
        return [], 0.0
    boxes = []
    for corners, text in zip(result.boxes, result.txts, strict=True):
        left, top = corners.min(axis=0) * POINTS
        right, bottom = corners.max(axis=0) * POINTS
        boxes.append(Box(float(left), float(top), float(right), float(bottom), text))
    letters = sum(len(text) for text in result.txts)
    sure = sum(len(text) * score for text, score in zip(result.txts, result.scores, strict=True))
    return boxes, sure / letters if letters else 0.0


def _widened(image: Any) -> Any:
    """Return a picture with white beside or below it, where it is so narrow that the engine would enlarge it beyond measure."""
    import numpy as np

    height, width = image.shape[:2]
    least = math.ceil(max(height, width) * _NARROWEST)
    if min(height, width) >= least:
        return image
    return np.pad(image, ((0, max(0, least - height)), (0, max(0, least - width)), (0, 0)), constant_values=255)


@cache
def _engine() -> Any:
    from rapidocr import EngineType, RapidOCR

    # OpenVINO reads a page in 60 % of the time that ONNX Runtime takes (benchmarks/README.md).
    engines = {f"{model}.engine_type": EngineType.OPENVINO for model in ("Det", "Cls", "Rec")}
    return RapidOCR(params={"Global.log_level": "critical", **engines})
