"""The grammar of collections in any layout: masthead, 目录, sections, items with their credit, 送/发 lines, by roles of lines.

Which line is what is told by the model of roles (ingest.grammars.roles); here items are made of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from ingest.document import Document, Item, Kind
from ingest.extracted import CELL, Extracted, Line
from ingest.facts.dates import find_date
from ingest.facts.mentions import mentions_in
from ingest.grammars.contents import HEADING, SECTION, is_among, listed_title, section_name
from ingest.grammars.credits import own_credit, take_credit
from ingest.grammars.masthead import is_issue_line, read_masthead, title_lines
from ingest.grammars.news import is_byline, is_caption, is_reported, medium_of, read_credits
from ingest.grammars.roles import Read
from ingest.grammars.signs import is_prose, is_tail, opening_of
from ingest.passages import Block, split

_HEAD_LINES = 15  # the byline of an article stands among the first lines
_IN_FRONT = re.compile(r"^(?:【([^【】]{2,14})】|\[([^\[\]]{2,14})\]|([\u4e00-\u9fff]{2,12})[：:])\s*(?=\S)")
_LONGEST_TITLE = 40  # characters of a title that a space parts from its text
_LEAST_SENTENCE = 25  # characters of the text behind it, up to its full stop
_OFFICE = re.compile(r"[省市县区州旗镇乡局办委厅部会院社]$")
_ISSUED_AS = re.compile(
    r"^[\u4e00-\u9fff]{1,13}[报信讯情简刊息态示][〔\[（(]\d{4}[〕\])）]"
)  # 政信〔2025〕17号, not 政发〔2025〕17号
_LOOKED_THROUGH = 40  # characters of a title in which a place is looked for
_NAMING = 0.6  # least share of titles that name a place
_LONGEST_SUBHEAD = 60  # characters
_LONGEST_HEADING_CELL = 8  # characters
_CREDITED = re.compile(r"单位|来源|供稿|部门")  # heads the column of who contributed
_ARTICLE = re.compile(r"^第[一二三四五六七八九十百千零]{1,7}条[\s　]?")  # of a law
_LAW = 5  # articles that make one
_MONTH = re.compile(r"(?:\d{4}年)?\d{1,2}月份?")  # heads days of a chronicle, and is no section
_LEAD = 150  # least characters of what an issue says before its first item, to be found by itself
_LONGEST_DAY = 20  # characters of a line with the day of the document
_SURE = 0.8  # least mean probability of the borders of a document, for them to be believed
_OPENS = "TR"
_LIKELY = 0.5  # the same, of one that is numbered or credited as an issue is
_LEAST_SURE = 0.7  # least probability of one of its borders, where nothing but titles shows a collection
_LONGEST_MARK = 2  # characters; a longer row of marks is a rule
_CERTAIN = 0.9  # least mean probability of the borders of a document that nothing else shows to be a collection


@dataclass(slots=True)
class _Draft:
    """What has been read of the item at hand."""

    section: str
    title: str = ""
    front: str = ""  # what is printed before the title and names who it is about
    lines: list[Line] = field(default_factory=list)
    contributors: tuple[str, ...] = ()
    credited: bool = False
    subheads: set[int] = field(default_factory=set)  # lines, by their number in it
    doubtful: set[int] = field(default_factory=set)  # lines, by their number in it, at which another item may begin


def is_law(lines: Sequence[Line]) -> bool:
    """Tell whether a text is made of numbered articles, as laws and rules are."""
    return sum(bool(_ARTICLE.match(line.text)) for line in lines) >= _LAW


def is_collection(lines: Sequence[Line], read: Read) -> bool:
    """Tell whether lines are several items, or one under the number of an issue: by their roles, if these are sure enough.

    It must be issued as a collection is, or each item must surely begin with a title of its own.
    """
    opening = [row for row, role in enumerate(read.chosen) if role in _OPENS]
    if is_law(lines):
        return False
    head = lines[:_HEAD_LINES]
    numbered = any(is_issue_line(line.text) and not is_byline(line.text) for line in head)
    reported = any(is_reported(line.text) for line in head)
    sure = sum(read.chance(row, _OPENS) for row in opening) / max(1, len(opening))
    cased = sum(opening_of(lines[row].text).kind == "case" for row in opening) > 1
    if not reported and (numbered or (len(opening) > 1 and (cased or _credits(lines, read) > 1))):
        return sure >= _LIKELY
    return len(opening) > 1 and sure >= _SURE and (_is_issued(lines, read) or _are_titles(lines, read, opening))


def _are_titles(lines: Sequence[Line], read: Read, opening: Sequence[int]) -> bool:
    """Tell whether each item surely begins with a title of its own or a mark, as in a digest or a feature of several cases."""
    chances = [read.chance(row, _OPENS) for row in opening]
    titled = all(read.chosen[row] == "T" or opening_of(lines[row].text).kind for row in opening)
    return titled and min(chances) > _LEAST_SURE and sum(chances) > _CERTAIN * len(opening)


def _is_issued(lines: Sequence[Line], read: Read) -> bool:
    """Tell whether a document without an issue's number or credits is a collection: by its own number, or many places."""
    titles = [line.text[:_LOOKED_THROUGH] for line, role in zip(lines, read.chosen, strict=True) if role in _OPENS]
    places = [mention.places[0].name for title in titles for mention in islice(mentions_in(title), 1)]
    printed = any(line.look for line in lines)  # in plain text the subheads of an article cannot be told from short sentences
    if printed and len(set(places)) > 2 and len(places) >= _NAMING * len(titles):
        return True
    head = lines[:_HEAD_LINES]
    return not any(is_reported(line.text) for line in head) and any(_ISSUED_AS.match(line.text) for line in head)


def _credits(lines: Sequence[Line], read: Read) -> int:
    """Return how many lines below the first title say who contributed."""
    first = next((row for row, role in enumerate(read.chosen) if role in _OPENS), 0)
    read_as = zip(lines[first:], read.chosen[first:], strict=True)
    return sum(bool(own_credit(line.text) if role == "K" else take_credit(line.text, bare=True)[1]) for line, role in read_as)


def read_collection(
    file: str, name: str, text: str, lines: Sequence[Line], page_starts: tuple[int, ...], read: Read, extracted: Extracted
) -> Document:
    """Return the document with its items; `lines` are the paragraphs of `text`, `name` its title where it gives none."""
    first = next(row for row, role in enumerate(read.chosen) if role in _OPENS)
    end = _closing(lines, read)
    head = [line for line, role in zip(lines[:first], read.chosen, strict=False) if role not in "CS" or _is_head(line.text)]
    entries = _entries(lines, read)
    tail = tuple(line.text for line in lines[end:])
    masthead = read_masthead([*title_lines(extracted.title, lines), *(line.text for line in head)])
    drafts = _drafts(lines[:end], read)
    bylines = [line for line in head if is_byline(line.text) and not take_credit(line.text)[1]]
    series, year, issue = masthead.series, masthead.year, masthead.issue
    numbered = bool(issue or masthead.total_issue or masthead.number)
    medium = medium_of(lines)
    kind: Kind = "news" if not numbered and (medium or any(is_reported(line.text) for line in bylines)) else "bulletin"
    title = (
        f"《{series}》{f'{year}年' if year else ''}{f'第{issue}期' if issue else ''}"
        if series and issue
        else series or extracted.title or extracted.file_title or name
    )
    above = zip(lines[:first], read.chosen, strict=False)
    lead = [line for line, role in above if role in "NB" or (is_prose(line.text) and not is_tail(line.text))]
    told = not numbered or sum(len(line.text) for line in lead) >= _LEAD
    drafts = [*([_Draft("", title, "", lead)] if lead and told else []), *drafts]
    items = tuple(_item(text, draft, title) for draft in drafts if draft.lines)
    date = masthead.date or next((found for line in tail[::-1] if (found := find_date(line))), extracted.date)
    source, reporter, day = read_credits(bylines)
    return Document(
        file, kind, title, text, page_starts, series if kind == "bulletin" else "",
        year or (int(date[:4]) if date else None), issue,
        masthead.total_issue, masthead.issuer if kind == "bulletin" else "", date or day,
        source=(source or extracted.source or medium) if kind == "news" else "",
        reporter=reporter, number=masthead.number, masthead=masthead.lines, contents=entries,
        distribution=tail, items=items, warnings=(*_check(entries, items), *_bare(lines, read)),
    )  # fmt: skip


def _entries(lines: Sequence[Line], read: Read) -> tuple[str, ...]:
    """Return what the 目录 lists: its own heading and the names of sections are no entries."""
    sections = {section_name(line.text) for line, role in zip(lines, read.chosen, strict=True) if role == "S"}
    listed = [line.text for line, role in zip(lines, read.chosen, strict=True) if role == "C" and not _is_head(line.text)]
    listed = [text for text in listed if not HEADING.match(text) and not (text[0] in "（(" and text[-1] in "）)")]
    return tuple(listed_title(text) for text in listed if not SECTION.match(text) and section_name(text) not in sections)


def _is_head(text: str) -> bool:
    """Tell whether a line is of the masthead wherever it stands: the issue's number, its day, the month of a chronicle."""
    return is_issue_line(text) or bool(_MONTH.fullmatch(text)) or (len(text) <= _LONGEST_DAY and bool(find_date(text)))


def _closing(lines: Sequence[Line], read: Read) -> int:
    """Return where the 送/发 lines begin: the last run of them, below the last text."""
    end = len(lines)
    while end and (
        read.chosen[end - 1] in "DX"
        or is_tail(lines[end - 1].text)
        or not re.search(r"\w", lines[end - 1].text)  # a rule
        or (len(lines[end - 1].text) <= _LONGEST_DAY and find_date(lines[end - 1].text))
        or (read.chosen[end - 1] == "K" and not own_credit(lines[end - 1].text))
    ):
        end -= 1
    return end


def _drafts(lines: Sequence[Line], read: Read) -> list[_Draft]:
    """Part the lines of the items."""
    drafts: list[_Draft] = []
    section, credit, header = "", (), list[str]()
    for row, line in enumerate(lines):
        role = read.chosen[row]
        alone = role == "S" and opening_of(line.text).words == len(line.text)  # 案例一, its title in the next line
        if alone or _is_mark(line.text):
            continue
        above = role == "H" and row + 1 < len(lines) and read.chosen[row + 1] == "T"  # it heads the items below
        if above or (role == "S" and not (drafts and _is_followed_by_text(read, row))):
            section = section_name(line.text[opening_of(line.text).words :]) or line.text
            section = "" if _MONTH.fullmatch(section) else section
        elif line.form == "row" and _is_heading_row(line.text):
            header = line.text.split(CELL)
        elif role in _OPENS:
            drafts.append(_row(line, section, header) if line.form == "row" else _opened(line, role, section))
            drafts[-1].contributors = credit + drafts[-1].contributors
            credit = ()
        elif not drafts or role in "CX" or (role == "M" and drafts[-1].credited):
            continue
        elif (role == "K" or (role == "U" and _OFFICE.search(line.text))) and own_credit(line.text):
            _take_own_credit(drafts, line, follows=row + 1 < len(lines) and read.chosen[row + 1] in _OPENS)
        else:
            _go_on(drafts[-1], line, role)
            if role == "H" and len(line.text) <= _LONGEST_SUBHEAD:
                drafts[-1].subheads.add(len(drafts[-1].lines) - 1)
            if read.is_doubtful(row):
                drafts[-1].doubtful.add(len(drafts[-1].lines) - 1)
    return drafts


def _is_followed_by_text(read: Read, row: int) -> bool:
    """Tell whether a section's name is followed by running text and no item: then it is a subhead."""
    after = next((role for role in read.chosen[row + 1 :] if role not in "XNK"), "")
    return after in ("B", "H", "P")


def _opened(line: Line, role: str, section: str) -> _Draft:
    text, contributors = take_credit(line.text, bare=True)
    opening = opening_of(text)
    words, draft = opening.words, _Draft(section)
    marked = role == "R" or opening.kind.startswith("mark")  # a numbered title keeps the place that it begins with
    if (place := _IN_FRONT.match(text[words:])) and (marked or place[3] is None):
        name = next(filter(None, place.groups()))
        office = bool(_OFFICE.search(name))
        if office or (place[3] is None and _names_place(name)):
            draft.contributors, draft.front = (name,) if office and words else (), text[:words].strip() + name
            words += place.end()
    if contributors:
        draft.contributors, draft.credited = draft.contributors + contributors, True
    own = text[words:]
    draft.title = _title(own, line, words) if role == "R" else own
    draft.lines.append(replace(line, text=own, start=line.start + words))
    return draft


def _is_heading_row(text: str) -> bool:
    """Tell whether a row names the columns of its table: its cells are words, no figures."""
    return all(len(cell) <= _LONGEST_HEADING_CELL and not re.search(r"\d", cell) for cell in text.split(CELL))


def _row(line: Line, section: str, header: Sequence[str]) -> _Draft:
    """Return an item that is a row of a table: its title is the first cell with words, its credit that of an office."""
    cells = line.text.split(CELL)
    credited = [cell for cell, name in zip(cells, header, strict=False) if _CREDITED.search(name) and _OFFICE.search(cell)]
    words = [cell for cell in cells if len(cell) > 4 and cell not in credited and re.search(r"[\u4e00-\u9fff]{3}", cell)]
    words = [cell for cell in words if not _is_places(cell)] or words
    title = _title(words[0], line, 0) if words else ""
    offices = tuple(office for cell in credited for office in own_credit(cell) or (cell,))
    return _Draft(section, title, lines=[line], contributors=offices, credited=bool(offices))


def _is_places(cell: str) -> bool:
    """Tell whether a cell holds only names of places."""
    rest = cell
    for mention in mentions_in(cell):
        rest = rest.replace(cell[mention.start : mention.end], "")
    return not re.search(r"[\u4e00-\u9fff]{2}", rest)


def _names_place(name: str) -> bool:
    return any(True for _ in mentions_in(name))


def _title(own: str, line: Line, words: int) -> str:
    """Return the title that runs into its text: what is set apart in print, else the first clause that can be one."""
    if line.look and line.look.lead > words + 2:
        return _leading(line.text, line.look.lead)[words:].rstrip("0123456789").rstrip("。：: 　—")
    sentence = re.split(r"[。！？](?![”’》）)])", own, maxsplit=1)[0]
    clause, _, rest = sentence.partition(" ")
    apart = 8 <= len(clause) <= _LONGEST_TITLE and len(rest) >= _LEAST_SENTENCE and not re.search("[，；]", clause)
    return clause if apart else sentence


def _leading(text: str, count: int) -> str:
    """Return the beginning of a text with so many characters besides white space."""
    places = [place for place, character in enumerate(text) if not character.isspace()]
    return text[: places[count]] if count < len(places) else text


def _take_own_credit(drafts: list[_Draft], line: Line, follows: bool) -> None:
    drafts[-1].contributors += own_credit(line.text)
    drafts[-1].credited = follows or drafts[-1].credited


def _go_on(draft: _Draft, line: Line, role: str) -> None:
    text, contributors = take_credit(line.text, bare=True)
    if len(draft.lines) == 1 and (
        (role == "U" and not is_byline(text)) or (role == "K" and line.look == draft.lines[0].look is not None)
    ):
        draft.title += text
    if contributors:
        draft.contributors, draft.credited = draft.contributors + contributors, True
    if text:
        draft.lines.append(replace(line, text=text))


def _item(text: str, draft: _Draft, issue: str) -> Item:
    blocks = [
        Block(
            line.start,
            line.end,
            "caption" if is_caption(line.text) else "body",
            row=line.form == "row",
            subhead=row in draft.subheads,
            apart=row in draft.doubtful,
        )
        for row, line in enumerate(draft.lines)
    ]
    context = " ".join(part for part in (issue, draft.section, draft.front.strip("【】：:"), draft.title) if part)
    passages = split(text, blocks, context)
    contributors = tuple(dict.fromkeys(draft.contributors))
    return Item(draft.title, draft.lines[0].start, draft.lines[-1].end, draft.section, contributors, passages=passages)


def _bare(lines: Sequence[Line], read: Read) -> tuple[str, ...]:
    """Return a warning about marks of items with no text behind them."""
    after = [*read.chosen[1:], "D"]
    bare = sum(_is_mark(line.text) and (len(line.text) > 1 or role in "SKDX") for line, role in zip(lines, after, strict=True))
    return (f"有 {bare} 个条目只有标记或供稿单位，没有正文",) if bare else ()


def _is_mark(text: str) -> bool:
    """Tell whether a line is the mark of an item with no words but perhaps a credit."""
    rest, _ = take_credit(text, bare=True)
    opening = opening_of(rest)
    return opening.kind.startswith("mark") and opening.words == len(rest) <= _LONGEST_MARK


def _check(entries: Sequence[str], items: Sequence[Item]) -> tuple[str, ...]:
    """Compare the issue's own 目录 with the items found."""
    titles = [item.title for item in items] + [item.section for item in items]
    return tuple(f"目录中的“{entry}”没有在正文中找到对应条目" for entry in entries if entry and not is_among(entry, titles))
