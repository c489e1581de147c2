"""Repair the text layer of real files: marks, stray spaces, and lines broken by a margin or a page."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache

from ingest.extracted import Paragraph
from ingest.formats.looks import Print, is_other, with_looks

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_CJK_MARKS = "\u3001-\u301f\uff01-\uff0f\uff1a-\uff20\u2018-\u201d\u2026▲☆"
# Word processors and PDF writers put a space between Han and Latin or digits; print has none.
_STRAY_SPACE = re.compile(rf"(?<=[{_HAN}]) +(?=[0-9A-Za-z%+])|(?<=[0-9A-Za-z%+]) +(?=[{_HAN}])")
_SPACE_AT_MARK = re.compile(rf"(?<=[{_CJK_MARKS}]) +| +(?=[{_CJK_MARKS}])")
_BLANKS = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u3000]+")
_WIDE_SPACE = re.compile(
    r"(?<=[^\s\u3000]{5})\u3000+(?=[^\s\u3000]{5})"
)  # parts a title from the text that follows on its line
_KEPT = "\ue0f1"  # stands for such a space meanwhile
_LETTERSPACED = re.compile(rf"^(?:[{_HAN}0-9{_CJK_MARKS}（）《》]{{1,2}} ){{3,}}\S{{1,3}}$")
_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]")
_COMPATIBILITY = re.compile(r"[\u2f00-\u2fdf\uf900-\ufaff]")  # Kangxi radicals and compatibility ideographs
# What the radicals from U+2E81 on are as characters (Unicode, EquivalentUnifiedIdeograph); NFKC leaves them as they are.
_RADICALS = (
    "厂乛乚乙亻冂几刀刂卜㔾小小兀尣尢尣巳幺彑彐忄心扌攵\u2e9a旡日月歺母民氵氺灬爫爫丬牛犭王疋目示礻竹糹纟罓罒网\u2eb4\u2eb5"
    "羊羊羊耂肀聿肉臼艹艹艹虎衤覀西见角角讠贝足车辶辶辶阝钅長镸长门阜阝雨青韦页风飞食食飠饣首马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟"
)
_AS_CHARACTERS = {0x2E81 + number: character for number, character in enumerate(_RADICALS)}
SENTENCE_END = "。！？；：!?;:…”’）)》】"
_OPENS_PARAGRAPH = re.compile(
    r"^([▲●■◆★☆△○□◇◎※➤]|【|[（(][^（）()]{2,40}供稿[）)]|[送发报][:：]|抄[送报]|[一二三四五六七八九十]{1,3}、)"
)
_NUMBERED = re.compile(  # 1.2 名称, （二）, 第三章: after a full stop a heading, inside a sentence a number or a reference
    r"^(?:[（(][一二三四五六七八九十]{1,3}[)）]|\d{1,2}(?:\.\d{1,2}){1,3}(?=[\s\u4e00-\u9fff])"
    r"|\d{1,2}[.．、](?=\s*[\u4e00-\u9fff])|第[一二三四五六七八九十百零]{1,5}[章节条])"
)
NOTE_MARK = re.compile(
    r"^(?:[①-⑳]|[\[〔【]\d{1,2}[\]〕】]|[¹²³⁴-⁹]|\*{1,3}(?=[\u4e00-\u9fff])|\d{1,2}\s?(?=[\u4e00-\u9fff]))"
)  # of a footnote
_LONGEST_JOINED = 5000  # characters; no paragraph is longer, and joining a log line by line takes quadratic time
_LEADER = re.compile(r"[.．…·⋯]{2,}\s*[（(]?\d{0,3}[)）]?$")  # ends an entry of a 目录
_BOLD = re.compile(r"(?<![\dA-Za-z*])\*\*(?=[^\s*])([^*\n]+)(?<=\S)\*\*(?![\d*])")  # **知悉范围**, and not 138****5678
_ALPHABETIC = re.compile(r"[A-Za-z,.;]$")


def clean_text(text: str) -> str:
    """Return one line without bold marks, control characters and the stray spaces of a text layer."""
    text = _BOLD.sub(r"\1", _INVISIBLE.sub("", text)).translate(_AS_CHARACTERS)
    text = _COMPATIBILITY.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    text = _BLANKS.sub(" ", _WIDE_SPACE.sub(_KEPT, text)).strip()
    if _LETTERSPACED.match(text):  # 公 文 写 作
        text = text.replace(" ", "")
    return _SPACE_AT_MARK.sub("", _STRAY_SPACE.sub("", text)).replace(_KEPT, " ")


def opens_paragraph(text: str) -> bool:
    """Tell whether a line begins with a mark that never stands inside a paragraph: ▲, ☆, 【, a credit, 送：."""
    return bool(_OPENS_PARAGRAPH.match(text))


def width(text: str) -> float:
    """Return how wide a line is printed, in full-width characters."""
    return len(text) / 2 if text.isascii() else sum(map(_width_of, text))


@cache
def _width_of(character: str) -> float:
    return 1.0 if unicodedata.east_asian_width(character) in "WFA" else 0.5


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """A line as it stands on a page."""

    text: str
    page: int = 0
    indented: bool = False
    row: bool = False  # a table row, never joined with other lines
    printed: Print = Print()
    short: bool = False  # ends well before the right margin of its column, as far as that is known
    note: bool = False  # a footnote: it stands behind the paragraph that a page's end cuts in two


def join_printed(lines: Iterable[PrintedLine], full: float) -> list[Paragraph]:
    """Join the printed lines of paragraphs, also across pages.

    A paragraph continues while its last line reaches the right margin and the next line is neither indented nor begins with
    a mark. `full` is the width of a full line in full-width characters. A line that is two characters shorter also reaches
    the margin, because some punctuation may not stand there; one that stops in mid-sentence does from three quarters on.
    """
    paragraphs: list[Paragraph] = []
    prints: list[Print] = []
    reaches_margin = False
    before = Print()
    notes: list[PrintedLine] = []
    for line in lines:
        if line.note:
            notes.append(line)
            continue
        joins = (
            reaches_margin
            and len(paragraphs[-1].text) < _LONGEST_JOINED
            and not (line.indented or line.row or opens_paragraph(line.text) or is_other(before.faces, line.printed.faces))
        )
        before = line.printed
        if joins and paragraphs[-1].text.endswith(tuple(SENTENCE_END)):
            joins = not _NUMBERED.match(line.text)
        if joins and paragraphs:
            paragraphs[-1] = _append(paragraphs[-1], line)
            prints[-1] = replace(prints[-1], faces=prints[-1].faces + line.printed.faces)
        else:
            _add_notes(paragraphs, prints, notes)
            paragraphs.append(Paragraph(line.text, line.page, form="row" if line.row else ""))
            prints.append(line.printed)
        printed = width(line.text) + (2 if line.indented else 0)
        mid_sentence = not line.text.endswith(tuple(SENTENCE_END))
        narrow = "，" in line.text and not line.printed.place.centred  # running text in a narrower column
        reaches = printed >= full * (0.5 if narrow else 0.75)
        reaches_margin = not line.row and ((printed >= full - 2 and not line.short) or (mid_sentence and reaches))
        reaches_margin = reaches_margin and not (line.printed.place.right or _LEADER.search(line.text))
    _add_notes(paragraphs, prints, notes)
    told = any(print_.faces for print_ in prints)
    return list(with_looks(zip(paragraphs, prints, strict=True))) if told else paragraphs


def _add_notes(paragraphs: list[Paragraph], prints: list[Print], notes: list[PrintedLine]) -> None:
    """Move the footnotes that wait to the end of the paragraphs; each begins with a mark."""
    for line in notes:
        if NOTE_MARK.match(line.text) or not paragraphs:
            paragraphs.append(Paragraph(line.text, line.page))
            prints.append(line.printed)
        else:
            paragraphs[-1] = _append(paragraphs[-1], line)
    notes.clear()


def mend_breaks(paragraphs: Iterable[Paragraph]) -> list[Paragraph]:
    """Join paragraphs that a page end has cut in mid-sentence, in text with one paragraph on each line.

    A line counts as cut if it ends with a comma, or is long prose and does not end a sentence; titles, subheads and names
    are left alone.
    """
    mended: list[Paragraph] = []
    for paragraph in paragraphs:
        before = mended[-1].text if mended else ""
        prose = len(before) >= 40 and ("。" in before or len(before) >= 80)
        cut = before.endswith(("，", "、")) or (prose and not before.endswith(tuple(SENTENCE_END)))
        if cut and len(before) < _LONGEST_JOINED and not (paragraph.form or mended[-1].form or opens_paragraph(paragraph.text)):
            mended[-1] = _append(mended[-1], PrintedLine(paragraph.text, paragraph.page))
        else:
            mended.append(paragraph)
    return mended


def _append(paragraph: Paragraph, line: PrintedLine) -> Paragraph:
    words_meet = _ALPHABETIC.search(paragraph.text) and line.text[:1].isascii()
    joined = paragraph.text + (" " if words_meet else "")
    turns = paragraph.turns
    if line.page > paragraph.page + len(turns):
        turns = (*turns, *[len(joined)] * (line.page - paragraph.page - len(turns)))
    return Paragraph(joined + line.text, paragraph.page, turns, paragraph.form)
