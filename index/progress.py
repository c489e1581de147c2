"""How long work tells how far it is: a message for people, or the state of an index that is being written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Tell = Callable[[str], None]  # hears a message in Chinese


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the writing of an index is."""

    files: int
    total_files: int
    pages: int
    passages_encoded: int
    seconds_encoding: float = 0.0
    passages_left: int = 0  # still to encode; known only while a new model encodes all


Watch = Callable[[Progress], None]


def silent(_progress: Progress) -> None:
    """Watch and say nothing."""
