"""The pages of a PDF or a picture: their sizes, how they look, and the letters on them."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.formats.ocr import LONGEST_SIDE, POINTS, check_frame
from ingest.pages.letter_sources import letters_seen, text_layer
from ingest.pages.letters import Letter

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_SIZES = 2000  # pages; a viewer takes the last size for all further pages
_MOST_PIXELS = 12_000_000  # of a rendered page; A4 at 2400 pixels has 8 million
_LONGEST_RENDERED = 16_000  # pixels; WebP has no longer side
_ORIENTATION, _LYING = 0x0112, (5, 6, 7, 8)  # EXIF tag, and its values for a picture taken with the camera turned

Size = tuple[float, float]


class PdfPages:
    """The pages of a PDF, counted from 1."""

    def __init__(self, path: Path) -> None:
        from pypdfium2 import PdfDocument

        self._pdf = PdfDocument(path)
        self._pdf.init_forms()  # seals and filled-in fields are drawn as forms

    def __len__(self) -> int:
        return len(self._pdf)

    @cached_property
    def sizes(self) -> list[Size]:
        """Width and height in points as shown, of the first `MOST_SIZES` pages."""
        return [self._pdf.get_page_size(n) for n in range(min(len(self), MOST_SIZES))]

    def picture(self, number: int, width: int) -> Image:
        """Return a page as RGB, `width` pixels wide, or less if that would be too large."""
        page = self._pdf[number - 1]
        across, down = (max(side, 1.0) for side in page.get_size())
        scale = min(width / across, (_MOST_PIXELS / (across * down)) ** 0.5, _LONGEST_RENDERED / max(across, down))
        picture: Image = page.render(scale=scale, rev_byteorder=True).to_pil().convert("RGB")
        page.close()
        return picture

    def letters(self, number: int, recognised: bool) -> list[Letter]:
        """Return the letters of a page's text layer, or if `recognised` those that text recognition finds on it."""
        page = self._pdf[number - 1]
        letters = letters_seen(_as_read(page)) if recognised else text_layer(page)
        page.close()
        return letters

    def close(self) -> None:
        """Close the file."""
        self._pdf.close()


def _as_read(page: Any) -> Any:
    """Draw a page as it is drawn when the file is read: `(height, width, 3)` uint8 in BGR."""
    scale = LONGEST_SIDE / max(*page.get_size(), 1)
    return page.render(scale=scale, rev_byteorder=False, may_draw_forms=False).to_numpy()[:, :, :3]


class Frames:
    """A picture as a page, or its frames as pages, counted from 1."""

    def __init__(self, path: Path) -> None:
        from PIL import Image

        self._image = Image.open(path)
        check_frame(self._image)

    def __len__(self) -> int:
        return getattr(self._image, "n_frames", 1)

    @cached_property
    def sizes(self) -> list[Size]:
        """Width and height of the first `MOST_SIZES` frames, as if the longer side were that of an A4 page in points."""
        return [self._size(number) for number in range(1, min(len(self), MOST_SIZES) + 1)]

    def picture(self, number: int, width: int) -> Image:
        """Return a frame as RGB, `width` pixels wide, or less if it has fewer or that would be too large."""
        picture = self._upright(number)
        picture.thumbnail((width, min(_LONGEST_RENDERED, _MOST_PIXELS / width)))
        return picture

    def letters(self, number: int, recognised: bool) -> list[Letter]:
        """Return the letters that text recognition finds on a frame, [] unless `recognised`: a picture has no text layer."""
        import numpy as np

        if not recognised:
            return []
        picture = self._upright(number)
        picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        return letters_seen(np.asarray(picture)[:, :, ::-1])

    def close(self) -> None:
        """Close the file."""
        self._image.close()

    def _size(self, number: int) -> Size:
        self._image.seek(number - 1)
        width, height = self._image.size
        if self._image.getexif().get(_ORIENTATION) in _LYING:
            width, height = height, width
        scale = POINTS * LONGEST_SIDE / max(width, height)
        return width * scale, height * scale

    def _upright(self, number: int) -> Image:
        from PIL import ImageOps

        self._image.seek(number - 1)
        check_frame(self._image)
        return ImageOps.exif_transpose(self._image).convert("RGB")


Pages = PdfPages | Frames


def open_pages(path: Path) -> Pages:
    """Open a PDF or a picture; raise Unreadable if it is too large, or the library's own error if it is damaged."""
    return PdfPages(path) if path.suffix.lower() == ".pdf" else Frames(path)
