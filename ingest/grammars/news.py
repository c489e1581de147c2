"""The grammar of a news article (title, source and reporter line, subheads, captions), and of any other text."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence

from ingest.document import Document, Item, Kind, Role
from ingest.extracted import Extracted, Line
from ingest.facts.dates import find_date
from ingest.grammars.masthead import own_number
from ingest.grammars.telling import is_file
from ingest.passages import Block, split

_HEAD_LINES = 6  # source and reporter stand among the first lines
_LAST_LINES = 4
_OPENING_LINES = 3  # lines of the text; one of them may say whose report it is
_LONGEST_DATED = 40  # characters of a line that dates the whole
_SUBHEAD_LONGEST = 22
_CAPTION_LONGEST = 90
_TITLE_LONGEST = 60
_NAME = r"(?!通讯员|摄像|摄影|编辑|实习)[\u4e00-\u9fff·]{2,4}"
_REPORTER = re.compile(rf"(?:首席|实习|见习|特派|本报|全媒体)?记者[：:\s]*({_NAME}(?:[\s、，,]+{_NAME})*)")
_AUTHOR = re.compile(rf"作者[：:\s]*({_NAME})")
_SOURCES = (  # the first that matches a credit line names the source
    re.compile(r"(?:来源|稿源)[：:]\s*([^\s|]+?)(?=\s|\||\d{4}[年/.-]|记者|作者|编辑|$)"),
    re.compile(r"^[（(【]?(?!本报|本网|本刊)([^\s，。：:（）]{2,20}?)(?:讯)?(?:首席|实习|见习|特派|全媒体)?记者"),
    re.compile(r"《([^《》]{2,20})》\s*\d{4}年"),
    re.compile(r"^(?!本报|本网|本刊|记者|作者|发布|日期|时间|编辑)([^\s\d，。：:（）]{2,20})(?=\s|\d{4}[年/.-])"),
)
_DATELINE = re.compile(r"^[^。]{0,20}(?:讯|电)\s*[（(][^（）()]{2,40}[)）]")  # 本报讯（记者 …）
_MEDIUM = re.compile(  # 央视网消息（新闻联播）：…, 新华社北京5月6日电
    r"^(?!本)([\u4e00-\u9fff]{2,10}?(?:网|社|报|电视台|客户端))(?:消息|讯|[\u4e00-\u9fff\d]{0,14}电)(?=[\s：:（(，])"
)
_EDITOR = re.compile(r"^[（(]?(?:责任编辑|编辑|责编|校对|审核|监制)[：:\s]")
_CAPTION = re.compile(r"(?:供图|摄影|[\u4e00-\u9fff\s]摄|资料图片?|受访者提供)[。）)]*$")
_CREDIT_LINE = re.compile(rf"记者[：:\s]*{_NAME}(?=$|[\s、，,）)])|通讯员|来源[：:]|作者[：:]|发布时间|日期[：:]|稿源")
_SENTENCE = re.compile(r"[，。；！？,;!?]|^自.*起")  # a line that tells something; its date is no date of the whole
_SENTENCE_MARKS = re.compile(r"[。！？!?；;：:，,…]")
_FIRST_SENTENCE = re.compile(r"^[^。！？!?]{0,60}")


def read_article(
    file: str,
    name: str,
    text: str,
    lines: Sequence[Line],
    extracted: Extracted,
    page_starts: tuple[int, ...],
    doubtful: Container[int] = (),
) -> Document:
    """Return a document with one item; `name` is the title if there is no better one.

    `doubtful` are offsets of lines at which another case may begin: a passage ends there.
    """
    title, credits, body = _head(lines, extracted.title)
    source, reporter, date = read_credits(credits)
    opening = _DATELINE.match(body[0].text) if body else None
    medium = medium_of(body)
    reporter = reporter or extracted.reporter or (_reporter(opening[0]) if opening else "")
    source, date = source or extracted.source or medium, date or extracted.date or _date_of(lines)
    subheads = _subheads(body) if credits else []
    blocks = [_block(line, subheads, line.start in doubtful) for line in body if not _is_editor_line(line.text)]
    number = own_number(lines)
    credited = bool(credits or medium or any(block.role == "caption" for block in blocks))
    kind: Kind = "other" if is_file(title, number, lines, credited) else "news"
    warnings: tuple[str, ...] = ()
    if not title and body:
        title = extracted.file_title or _FIRST_SENTENCE.findall(body[0].text)[0]
        warnings = (f"没有找到标题，以{'文件信息里的标题' if extracted.file_title else '正文第一句'}代替",)
    context = " ".join(part for part in (source, title or name) if part)
    heads = tuple(line.text for line in subheads)
    passages = split(text, blocks, context)
    item = Item(title or name, blocks[0].start, blocks[-1].end, subheads=heads, passages=passages) if blocks else None
    return Document(
        file, kind, title or name, text, page_starts, date=date, source=source, reporter=reporter, number=number,
        items=(item,) if item else (), warnings=warnings,
    )  # fmt: skip


def _date_of(lines: Sequence[Line]) -> str:
    """Return the date of a short line at the beginning or the end: （2025年10月14日）."""
    ends = (*lines[:_HEAD_LINES], *lines[-_LAST_LINES:])
    short = [line.text for line in ends if len(line.text) <= _LONGEST_DATED and not (line.form or _SENTENCE.search(line.text))]
    return next((date for text in short if (date := find_date(text))), "")


def _is_editor_line(text: str) -> bool:
    return len(text) <= 40 and "。" not in text and bool(_EDITOR.match(text))


def is_byline(text: str) -> bool:
    """Tell whether a line names the source or the reporter of an article."""
    return len(text) <= 80 and "。" not in text and bool(_CREDIT_LINE.search(text))


def medium_of(lines: Sequence[Line]) -> str:
    """Return the medium whose report begins in the first lines of a text, "" for none."""
    return next((found[1] for line in lines[:_OPENING_LINES] if (found := _MEDIUM.match(line.text))), "")


def is_reported(text: str) -> bool:
    """Tell whether a line names a reporter, as in an article but not in a notice that a site reprints."""
    return is_byline(text) and bool(re.search("记者|通讯员", text))


def read_credits(credits: Sequence[Line]) -> tuple[str, str, str]:
    """Return the source, the reporter and the date that credit lines give."""
    credit = " ".join(line.text for line in credits)
    return _source(credits), _reporter(credit), find_date(credit)


def is_caption(text: str) -> bool:
    """Tell whether a line says what a picture shows and who took it."""
    return len(text) <= _CAPTION_LONGEST and bool(_CAPTION.search(text))


def _head(lines: Sequence[Line], known_title: str) -> tuple[str, list[Line], list[Line]]:
    """Split the lines into the title, the source and reporter lines, and the body."""
    credits: list[Line] = []
    title = known_title
    rest = list(lines)
    while rest and len(lines) - len(rest) < _HEAD_LINES:
        line = rest[0]
        if _is_credit_line(line.text):
            credits.append(line)
        elif title and line.text == title:
            pass
        elif not title and not credits and _is_title(line.text) and len(rest) > 1:
            title = line.text
        else:
            break
        rest.pop(0)
    return title, credits, rest or list(lines)


def _is_credit_line(text: str) -> bool:
    return is_byline(text) or (bool(find_date(text)) and len(text) <= 30 and "。" not in text)


def _is_title(text: str) -> bool:
    return len(text) <= _TITLE_LONGEST and not re.search(r"[。；;]$", text)


def _source(credits: Sequence[Line]) -> str:
    found = (pattern.search(line.text) for pattern in _SOURCES for line in credits)
    return next((match[1] for match in found if match), "")


def _reporter(credit: str) -> str:
    found = _REPORTER.search(credit) or _AUTHOR.search(credit)
    return "、".join(re.split(r"[\s、，,]+", found[1])) if found else ""


def _subheads(body: Sequence[Line]) -> list[Line]:
    """Return the short lines without punctuation that have a paragraph after them."""
    pairs = zip(body, body[1:], strict=False)
    return [
        line for line, after in pairs
        if 2 < len(line.text) <= _SUBHEAD_LONGEST
        and not _SENTENCE_MARKS.search(line.text)
        and not _CAPTION.search(line.text)
        and len(after.text) > _SUBHEAD_LONGEST
    ]  # fmt: skip


def _block(line: Line, subheads: Sequence[Line], apart: bool) -> Block:
    role: Role = "caption" if is_caption(line.text) else "body"
    return Block(line.start, line.end, role, line in subheads or line.form == "heading", line.form == "row", apart)
