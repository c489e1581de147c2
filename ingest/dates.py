"""Dates as documents print them."""

from __future__ import annotations

import datetime
import re

_DATE = re.compile(r"(?<!\d)(\d{4})\s*[年\-/.]\s*(\d{1,2})\s*[月\-/.]\s*(\d{1,2})(?!\d)")


def find_date(text: str) -> str:
    """Return the first full date of a line as ISO 8601, or "": 2023年12月29日, 2023-12-29, 2023/12/29."""
    for year, month, day in _DATE.findall(text):
        try:
            return datetime.date(int(year), int(month), int(day)).isoformat()
        except ValueError:
            continue
    return ""
