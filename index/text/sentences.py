"""Where sentences end: after a full stop and the quotation marks and brackets that close behind it, or at a line's end."""

from __future__ import annotations

import re

STOPS = "。！？!?"
CLOSING = "”’」』）)》】"
WHOLE = rf"[^{STOPS}\n]*[{STOPS}]+[{CLOSING}]*"  # a sentence with its stop
SENTENCE = re.compile(WHOLE)
LINE_OR_SENTENCE = re.compile(rf"{WHOLE}|[^{STOPS}\n]+")  # also what has no stop and ends at the line's end
