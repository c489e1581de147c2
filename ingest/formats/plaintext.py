"""Read text and Markdown files, in UTF-8, GB18030 or Big5."""

from __future__ import annotations

import codecs
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

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
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe\0\0", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SAMPLE_BYTES = 65_536
_CONTROLS = bytes((*range(9), *range(14, 27), *range(28, 32)))  # no text has many of these bytes in any encoding but UTF-16
_MOST_CONTROLS = 0.02  # share of a text's bytes
_COMMON = 0.9  # share of the characters of UTF-16 that are Han, their marks or ASCII
_GOOD_FOR_BAD = 9  # characters beyond ASCII for each damaged one
_MOST_DAMAGED = 0.05  # share of the characters
_EURO = "gbk-of-windows"  # name of an error handler
_BIG5_SHARE = 0.9  # least share of frequent characters; real text has 0.98 and more, GB read as Big5 about 0.5


def read_plaintext(path: Path) -> Extracted:
    """Read a text file; raise Unreadable if it is empty or no text."""
    text = decode(path.read_bytes())
    if not text.strip():
        raise Unreadable("文件是空的")
    return Extracted(to_paragraphs(text), warnings=damage_of(text))


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


def json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """Yield the number and the object of each line that is not blank; None for a line that is no JSON object."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                fields = json.loads(decode(line))
            except (ValueError, RecursionError, Unreadable):
                fields = None
            yield number, fields if isinstance(fields, dict) else None


def decode(data: bytes, charset: str = "") -> str:
    """Return text from UTF-8, UTF-16 (also without BOM), GB18030 or Big5, or from the encoding that is stated.

    Damaged bytes become one � each time, and a NUL nothing; raise Unreadable if too much is damaged, or it is no text.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _mended(data.decode(name, errors="replace"))
    if charset:
        return _mended(data.decode(charset, errors="replace"))
    head = data[:_SAMPLE_BYTES]
    if b"\0" in head and (wide := _utf16(data)):
        return wide
    if len(head) - len(head.translate(None, _CONTROLS)) > len(head) * _MOST_CONTROLS:
        raise Unreadable("内容不是文本（含有二进制数据）")
    if is_utf8(data):
        return _mended(data.decode("utf-8", errors="replace"))
    text = _mended(data.decode("gb18030", errors=_EURO))
    if text.count("\ufffd") > len(text) * _MOST_DAMAGED:
        raise Unreadable("文字编码认不出来：请另存为 UTF-8 或 GB18030 编码的文本")
    return _unless_big5(data, text)


def is_utf8(data: bytes) -> bool:
    """Tell whether bytes are UTF-8, a few of them perhaps damaged: other encodings are hardly ever that by chance."""
    try:
        data.decode("utf-8")
        return True
    except UnicodeDecodeError:
        text = data.decode("utf-8", errors="replace")
    bad = text.count("\ufffd")
    good = sum(character > "\x7f" for character in islice(text, _SAMPLE * 10)) - bad
    return good >= _GOOD_FOR_BAD * bad


def damage_of(text: str) -> tuple[str, ...]:
    """Return what to say of a text in which bytes were damaged."""
    times = text.count("\ufffd")
    return (f"有 {times} 处文字坏了，显示为 �",) if times else ()


def _mended(text: str) -> str:
    return re.sub("\ufffd+", "\ufffd", text.replace("\0", ""))


def _utf16(data: bytes) -> str:
    """Return text of UTF-16 without BOM, "" if it is none: most of its characters would be no text in the other order."""
    texts = [data[: len(data) // 2 * 2].decode(name, errors="replace") for name in ("utf-16-le", "utf-16-be")]
    shares = [sum(map(_is_common, text[:_SAMPLE])) / max(1, len(text[:_SAMPLE])) for text in texts]
    best = int(shares[1] > shares[0])
    return _mended(texts[best]) if shares[best] > _COMMON else ""


def _is_common(character: str) -> bool:
    return character.isascii() and (character.isprintable() or character in "\r\n\t") or "\u3000" <= character <= "\u9fff"


def _euro(error: UnicodeError) -> tuple[str, int]:
    """Decode the one byte that GBK of Windows has beyond GB18030; any other that fits nowhere is damaged."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return ("€" if error.object[error.start] == 0x80 else "\ufffd"), error.start + 1


codecs.register_error(_EURO, _euro)


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
