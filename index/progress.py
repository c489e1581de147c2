"""Progress of long work: messages for people, and counts while an index is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Tell = Callable[[str], None]  # receives a message in Chinese


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the writing of an index has come."""

    files: int
    total_files: int
    pages: int
    passages_encoded: int
    seconds_encoding: float = 0.0
    passages_left: int = 0  # still to encode; counted only while a new model encodes all passages again


Watch = Callable[[Progress], None]


def silent(_progress: Progress) -> None:
    """Ignore the progress."""
