"""The grammar of notices, speeches, plans and laws: a title, a head, and an item for each main heading."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence

from ingest.document import Document, Item
from ingest.extracted import Extracted, Line
from ingest.facts.dates import find_date
from ingest.grammars.contents import HEADING
from ingest.grammars.masthead import own_number
from ingest.grammars.news import is_byline, is_reported, read_credits
from ingest.grammars.outline import CASE, CHAPTER, MAIN, SECOND, headings, run
from ingest.grammars.telling import TITLE_END
from ingest.passages import Block, split

_NUMBER = re.compile(r"[\u4e00-\u9fff]{0,12}[〔\[（(]\d{4}[〕\])）]\s*第?\s*\d+\s*号")  # 浙农发〔2024〕15号
_BRACKETED = re.compile(r"^[（(〔\[][^（）()]{2,40}[)）〕\]]$")
_PUNCTUATION = re.compile(r"[。，；！？：,;!?:]")
_LETTERHEAD = re.compile(r"文件$|(?:政府|委员会|办公室|厅|局|部|党委|中心)$")  # red, above a title; not a title itself
_CLOSING = re.compile(
    r"^(?:主送|抄送|抄报|分送|出席|列席|参会|缺席|请假|记录|编辑|责任编辑|审核)(?:人员|单位)?\s*[：:]|\d+\s*日\s*印发$"
)
_LIST_ENDS = ("；", ";", "，")  # （一）… ；（二）… ； is a list, not headings
_LISTED = re.compile(r"^附\s*[件录：:]|^\d{1,2}[.．、]")
_ATTACHMENT = re.compile(r"^附\s*[件录]\s*[\d一二三四五六七八九十]{0,2}\s*(?:[：:]\s*)?(?=[^\d.．]|$)")
_YEAR = re.compile(r"^(\d{4})[-年]")
_HEAD_LINES = 10
_LONGEST_TITLE = 80
_LONGEST_SIGNATURE = 30
_LONGEST_DATE = 20
_MOST_SIGNATURE_LINES = 12


def read_official(
    file: str,
    name: str,
    text: str,
    lines: Sequence[Line],
    extracted: Extracted,
    page_starts: tuple[int, ...],
    doubtful: Container[int] = (),
) -> Document | None:
    """Return the document with an item for each main heading and attachment, None if the lines do not have this form.

    One with an office's number and a title is a letter, which needs no headings.

    `doubtful` are offsets of lines at which a case may begin: a passage ends there.
    """
    if any(is_reported(line.text) for line in lines[:_HEAD_LINES]):
        return None
    starts = _starts(lines)
    number = own_number(lines)
    if len(starts) < 2 and not (number and TITLE_END.search(_title(lines[: _head(lines)]))):
        return None
    starts = starts if len(starts) > 1 else {}
    head = lines[: _head(lines[: min(starts, default=len(lines))])]
    title = extracted.title or _title(head) or extracted.file_title or name
    signature, end = _signature(lines, max(starts, default=len(head)))
    first = min(starts, default=signature)
    starts = {row: words for row, words in starts.items() if row < signature}
    attachments = {row: 0 for row in range(end, len(lines)) if _opens_attachment(lines, row)}
    about = f"{title} {number}".strip()
    items = [_item(text, title, [(line, 0) for line in lines[len(head) : first]], about, doubtful)] if len(head) < first else []
    closing = _trimmed(lines, max(attachments) + 1) if attachments else len(lines)
    for parts, border in ((starts, signature), (attachments, closing)):
        rows = sorted(parts)
        for row, after in zip(rows, [*rows[1:], border], strict=False):
            heading = _heading(lines, row, parts[row])
            part = [(line, parts[row] if n == 0 else 0) for n, line in enumerate(lines[row:after])]
            items.append(_item(text, heading, part, f"{about} {heading}", doubtful))
    source, reporter, day = read_credits([line for line in head if is_byline(line.text)])
    signed = [line.text for line in (*lines[signature : min(attachments, default=len(lines))], *lines[closing:])]
    dates = (find_date(line) for line in (*(line.text for line in head), *signed))
    day = day or extracted.date or next((date for date in dates if date), "")
    return Document(
        file, "other", title, text, page_starts, year=_year(day, head), issuer=_issuer(signed, head), date=day,
        number=number, source=source or extracted.source, reporter=reporter or extracted.reporter,
        masthead=tuple(line.text for line in head), distribution=tuple(signed), items=tuple(items),
        warnings=() if title != name else ("没有找到标题，以文件名代替",),
    )  # fmt: skip


def _year(day: str, head: Sequence[Line]) -> int | None:
    found = _YEAR.search(day) or next((found for line in head if (found := _YEAR.search(line.text))), None)
    return int(found[1]) if found else None


def _issuer(signed: Sequence[str], head: Sequence[Line]) -> str:
    """Return the office above the date of the signature, else the office of the letterhead."""
    pairs = zip(signed, signed[1:], strict=False)
    office = next((office for office, below in pairs if find_date(below) and not find_date(office)), "")
    letterhead = (line.text.removesuffix("文件") for line in head if _LETTERHEAD.search(line.text))
    return office or next(letterhead, "")


def _starts(lines: Sequence[Line]) -> dict[int, int]:
    """Return the rows of the main headings, each with the offset in its line at which its words begin."""
    numbered = headings(lines)
    for level in (CASE, CHAPTER, MAIN, SECOND):
        found = run(numbered, level, lines)
        listed = level == SECOND and any(lines[heading.row].text.endswith(_LIST_ENDS) for heading in found)
        if found and not listed:
            return {heading.row: heading.words for heading in found}
    styled = [row for row, line in enumerate(lines) if line.form == "heading" and row]
    return dict.fromkeys(styled, 0)


def _head(lines: Sequence[Line]) -> int:
    """Return how many lines the head has: letterhead, title, number of the document, date, speaker."""
    row = 0
    while row < min(len(lines), _HEAD_LINES):
        line = lines[row].text
        title = TITLE_END.search(line) and len(line) <= _LONGEST_TITLE and "。" not in line
        if (
            HEADING.match(line)
            or headings([lines[row]])
            or not (title or _NUMBER.search(line) or _BRACKETED.match(line) or _is_short(line) or is_byline(line))
        ):
            break
        row += 1
    if row == 0 and lines and len(lines[0].text) <= _LONGEST_TITLE and not _PUNCTUATION.search(lines[0].text):
        return 1
    return row


def _title(head: Sequence[Line]) -> str:
    """Return the line of a head that is its title: 关于…的通知 rather than an office or a name."""
    texts = [line.text for line in head if not (_NUMBER.search(line.text) or is_byline(line.text))]
    about = [text for text in texts if "关于" in text and TITLE_END.search(text)]
    named = [text for text in texts if TITLE_END.search(text)]
    others = [text for text in texts if not (_LETTERHEAD.search(text) or _BRACKETED.match(text) or find_date(text))]
    return next(iter((*about, *named, *others)), "")


def _heading(lines: Sequence[Line], row: int, words: int) -> str:
    """Return the words of a heading; if it is only 附件1, add those of the next line."""
    heading = lines[row].text[words:].split("。")[0]
    if (found := _ATTACHMENT.match(heading)) and found.end() == len(heading) and row + 1 < len(lines):
        return f"{heading} {lines[row + 1].text.split('。')[0]}"
    return heading


def _opens_attachment(lines: Sequence[Line], row: int) -> bool:
    text = lines[row].text
    return bool(_ATTACHMENT.match(text)) and len(text) <= _LONGEST_TITLE and "。" not in text and row + 1 < len(lines)


def _is_short(line: str) -> bool:
    return len(line) <= _LONGEST_SIGNATURE and not _PUNCTUATION.search(line)


def _signature(lines: Sequence[Line], after: int) -> tuple[int, int]:
    """Return the rows of the signature and the list of attachments above it, end exclusive; attachments follow from there."""
    for row in range(after + 1, len(lines)):
        dated = bool(find_date(lines[row].text)) and len(lines[row].text) <= _LONGEST_DATE and _is_short(lines[row].text)
        if dated and _is_short(lines[row - 1].text) and row - 1 > after:
            begin = row - 1
            while begin > after + 1 and (_LISTED.match(lines[begin - 1].text) or _is_office(lines[begin - 1].text)):
                begin -= 1
            return begin, row + 1
    end = _trimmed(lines, after + 1)
    return end, len(lines)


def _is_office(line: str) -> bool:
    return _is_short(line) and bool(_LETTERHEAD.search(line))


def _trimmed(lines: Sequence[Line], least: int) -> int:
    """Return the row, `least` or later, at which the closing lines begin: list of attachments, office, date, 抄送."""
    end = len(lines)
    while end > least and len(lines) - end < _MOST_SIGNATURE_LINES:
        line = lines[end - 1]
        closing = (_LISTED.match(line.text) or _CLOSING.search(line.text)) and not line.text.endswith("。")
        if line.form == "row" or not (closing or _is_short(line.text) or _BRACKETED.match(line.text)):
            break
        end -= 1
    return end


def _item(text: str, title: str, part: Sequence[tuple[Line, int]], context: str, doubtful: Container[int]) -> Item:
    blocks = [
        Block(
            line.start + skip,
            line.end,
            subhead=line.form == "heading",
            row=line.form == "row",
            apart=line.start in doubtful,
        )
        for line, skip in part
    ]
    return Item(title, blocks[0].start, blocks[-1].end, passages=split(text, blocks, context))
