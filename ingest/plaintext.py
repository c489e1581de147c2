"""Text and Markdown files, in UTF-8 or GB18030."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from ingest.clean import PrintedLine, clean_text, join_printed, mend_breaks, width
from ingest.errors import Unreadable
from ingest.original import Original, Paragraph

_MARKDOWN_MARK = re.compile(r"^(#{1,6}|[-*+>]) +")
_INDENT = re.compile(r"^([ \u3000\t]{2,}|\u3000)")
# Wrapped text has most of its longer lines at one width; below this share lines are paragraphs.
_WRAPPED_SHARE = 0.5
_WRAPPED_MAX = 60  # full-width characters; nobody prints wider lines


def read_plaintext(path: Path) -> Original:
    """Read a text file; raise Unreadable if it is empty or no text."""
    text = decode(path.read_bytes())
    if not text.strip():
        raise Unreadable("文件是空的")
    raw = [line for line in text.splitlines() if line.strip()]
    paragraphs = [Paragraph(clean_text(_MARKDOWN_MARK.sub("", line.strip()))) for line in raw]
    full = _wrap_width(raw)
    if full:
        printed = [PrintedLine(p.text, 0, bool(_INDENT.match(line))) for p, line in zip(paragraphs, raw, strict=True)]
        paragraphs = join_printed(printed, full)
    return Original(tuple(mend_breaks(p for p in paragraphs if p.text)))


def decode(data: bytes) -> str:
    """Return text from UTF-8 (with or without BOM), UTF-16 with BOM, or GB18030; raise Unreadable otherwise."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\x00" in data[:65536]:
        raise Unreadable("内容不是文本（含有二进制数据）")
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("文字编码认不出来：请另存为 UTF-8 或 GB18030 编码的文本")


def _wrap_width(lines: list[str]) -> float:
    """Return the width at which lines were wrapped, or 0 where each line is a paragraph."""
    widths = [round(width(line.strip()) + (2 if _INDENT.match(line) else 0)) for line in lines]
    long = [w for w in widths if w >= 20]
    if len(long) < 8:
        return 0.0
    common, _ = Counter(long).most_common(1)[0]
    near = sum(abs(w - common) <= 1 for w in long)
    return float(common) if common <= _WRAPPED_MAX and near / len(long) >= _WRAPPED_SHARE else 0.0
