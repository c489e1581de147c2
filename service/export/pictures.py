"""Pictures that a page sends with an export: each checked to be a PNG of reasonable size, and only its pixels kept."""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from service.errors import Refused

MOST_PICTURES = 4  # in one export
LONGEST_CAPTION = 200  # characters
_LONGEST, _LARGEST = 5000, 12_000_000  # pixels of a side, and of all; web/pictures/save.js sends no larger ones


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture and what stands below it."""

    png: bytes
    caption: str


def checked_pictures(sent: Sequence[tuple[str, str]]) -> list[Picture]:
    """Return pictures that are sent as (PNG in base64, caption); raise Refused."""
    if len(sent) > MOST_PICTURES:
        raise Refused("too_many_pictures", f"一次最多放 {MOST_PICTURES} 幅图")
    if any(len(caption) > LONGEST_CAPTION for _, caption in sent):
        raise Refused("caption_too_long", f"图的标题太长（上限 {LONGEST_CAPTION} 字）")
    return [Picture(_redrawn(png), caption) for png, caption in sent]


def _redrawn(encoded: str) -> bytes:
    """Return the picture written anew: nothing but its pixels goes into a file that people pass on."""
    try:
        with Image.open(io.BytesIO(base64.b64decode(encoded, validate=True)), formats=["PNG"]) as picture:
            if max(picture.size) > _LONGEST or picture.width * picture.height > _LARGEST:
                raise Refused("bad_picture", f"图太大（每边上限 {_LONGEST} 像素，一共 {_LARGEST // 10_000} 万）")
            pixels = picture.convert("RGB")
    except (binascii.Error, ValueError, OSError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise Refused("bad_picture", "图不是完整的 PNG：请在页面上重新放进去") from error
    out = io.BytesIO()
    pixels.save(out, "PNG", optimize=True)
    return out.getvalue()
