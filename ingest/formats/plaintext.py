"""Read text and Markdown files, in UTF-8, GB18030 or Big5."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from pathlib import Path

from ingest.errors import Unreadable
from ingest.extracted import Extracted, Paragraph
from ingest.formats.clean import clean_text, mend_breaks, width
from ingest.formats.looks import Face
from ingest.formats.page_text import Page, assemble
from ingest.formats.reading_order import PageLine

_MARKDOWN_MARK = re.compile(r"^(#{1,6}|[-*+>]) +")
_INDENT = re.compile(r"^([ \u3000\t]{2,}|\u3000)")
# In wrapped text most of the longer lines have one width; where fewer than this share have it, each line is a paragraph.
_WRAPPED_SHARE = 0.5
_WRAPPED_MAX = 60  # full-width characters; nobody prints wider lines
_PAGE = "\f"
_SIZE = 10.0  # points of a full-width character
_SAMPLE_LINES = 20_000  # measured to tell whether a text is wrapped; all lines of a long log would take half a minute
_SAMPLE = 10_000  # non-ASCII characters, to tell Big5 from GB18030; a few dozen are enough
# GB 2312 and Big5 both have marks and frequent characters first, then rare ones. Simplified text read as Big5 has half its
# characters among the rare ones; Big5 text read as GB has kana and characters that GB 2312 does not have.
_RARE_GB = 0xD8  # lead byte from which characters are rare
_KANA_GB = (0xA4, 0xA5)
_RARE_BIG5 = 0xC7
_BIG5_SHARE = 0.9  # least share of frequent characters; real text has 0.98 and more, GB read as Big5 about 0.5


def read_plaintext(path: Path) -> Extracted:
    """Read a text file; raise Unreadable if it is empty or no text."""
    text = decode(path.read_bytes())
    if not text.strip():
        raise Unreadable("文件是空的")
    return Extracted(to_paragraphs(text))


def to_paragraphs(text: str) -> tuple[Paragraph, ...]:
    """Return the paragraphs of a text, joined where its lines were wrapped."""
    raw = [line for line in text.splitlines() if line.strip()]
    full = _wrap_width(raw[:_SAMPLE_LINES])
    if full or _PAGE in text:
        pages = [Page(tuple(map(_as_printed, filter(str.strip, page.splitlines())))) for page in text.split(_PAGE)]
        paragraphs = [replace(paragraph, page=0, turns=()) for paragraph in assemble(pages, full).paragraphs]
    else:
        paragraphs = [Paragraph(clean_text(_MARKDOWN_MARK.sub("", line.strip()))) for line in raw]
    return tuple(mend_breaks(p for p in paragraphs if p.text))


def _as_printed(line: str) -> PageLine:
    """Return a line of wrapped text as it stands on its page, which its spaces tell."""
    own = line.strip()
    left = width(line[: len(line) - len(line.lstrip())].replace("\t", "    "))
    text = clean_text(_MARKDOWN_MARK.sub("", own))
    return PageLine(text, left * _SIZE, right=(left + width(own)) * _SIZE, faces=((text, Face(_SIZE)),))


def decode(data: bytes) -> str:
    """Return text from UTF-8 (with or without BOM), UTF-16 with BOM, GB18030 or Big5; raise Unreadable otherwise."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\x00" in data[:65536]:
        raise Unreadable("内容不是文本（含有二进制数据）")
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return _unless_big5(data, text) if encoding == "gb18030" else text
    raise Unreadable("文字编码认不出来：请另存为 UTF-8 或 GB18030 编码的文本")


def _unless_big5(data: bytes, text: str) -> str:
    """Return `text`, the data decoded as GB18030, which nearly all bytes can be; decode as Big5 where that is likelier."""
    share = _frequent_in_gb(text)
    for encoding in ("cp950", "big5hkscs") if share < _BIG5_SHARE else ():  # the second adds the characters of Hong Kong
        try:
            other = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return other if _frequent_in_big5(other) > max(share, _BIG5_SHARE) else text
    return text


def _frequent_in_gb(text: str) -> float:
    sample = _sample(text)
    pairs = sample.encode("gbk", errors="ignore")
    frequent = (0xA0 < lead < _RARE_GB and lead not in _KANA_GB and trail > 0xA0 for lead, trail in _pairs(pairs))
    return sum(frequent) / max(len(sample), 1)


def _frequent_in_big5(text: str) -> float:
    sample = _sample(text)
    pairs = sample.encode("cp950", errors="ignore")
    return sum(lead < _RARE_BIG5 for lead, _ in _pairs(pairs)) / max(len(sample), 1)


def _sample(text: str) -> str:
    return "".join(islice((character for character in text if character > "\x7f"), _SAMPLE))


def _pairs(data: bytes) -> Iterable[tuple[int, int]]:
    return zip(data[::2], data[1::2], strict=True)


def _wrap_width(lines: list[str]) -> float:
    """Return the width at which lines were wrapped, or 0 where each line is a paragraph."""
    widths = [round(width(line.strip()) + (2 if _INDENT.match(line) else 0)) for line in lines]
    long = [w for w in widths if w >= 20]
    if len(long) < 8:
        return 0.0
    common, _ = Counter(long).most_common(1)[0]
    near = sum(abs(w - common) <= 1 for w in long)
    return float(common) if common <= _WRAPPED_MAX and near / len(long) >= _WRAPPED_SHARE else 0.0
