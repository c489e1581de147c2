"""Whether a text layer can be what a page shows: maps to Unicode may be wrong, and give other characters without a gap."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

_HAN = re.compile(r"[\u4e00-\u9fff]")
_FEWEST = 20  # Chinese characters of a page that is judged
_MOST_RARE = 0.15  # share of rare ones; names and technical terms have a few, characters taken at random seven in ten
_LEAST_ALIKE = 0.5  # share of a layer's characters that recognition finds too, also in bad print


def is_suspicious(text: str) -> bool:
    """Tell whether more of the Chinese characters of a page are rare than any text has."""
    han = _HAN.findall(text)
    return len(han) >= _FEWEST and sum(one not in _frequent() for one in han) > len(han) * _MOST_RARE


def agree(text: str, seen: str) -> bool:
    """Tell whether a text layer and what was recognised on the page can be the same text."""
    layer, found = Counter(_HAN.findall(text)), Counter(_HAN.findall(seen))
    return (layer & found).total() >= layer.total() * _LEAST_ALIKE


@cache
def _frequent() -> frozenset[str]:
    """Return the frequent characters: the first levels of GB 2312, simplified, and of Big5, traditional."""
    simplified = bytes(byte for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF) for byte in (high, low))
    lows = [*range(0x40, 0x7F), *range(0xA1, 0xFF)]
    traditional = bytes(byte for high in range(0xA4, 0xC7) for low in lows for byte in (high, low))
    return frozenset(simplified.decode("gb2312", errors="ignore") + traditional.decode("big5", errors="ignore"))
