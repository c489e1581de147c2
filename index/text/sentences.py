"""Where sentences end: at a full stop, with the quotation marks and brackets that close behind it, or with their line."""

from __future__ import annotations

import re

STOPS = "。！？!?"
CLOSING = "”’」』）)》】"
WHOLE = rf"[^{STOPS}\n]*[{STOPS}]+[{CLOSING}]*"  # a sentence with its stop
SENTENCE = re.compile(WHOLE)
LINE_OR_SENTENCE = re.compile(rf"{WHOLE}|[^{STOPS}\n]+")  # also what ends with its line and has no stop
