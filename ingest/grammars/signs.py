"""The signs of a line by which its role is told: its own, those of its neighbours, and how often the like recurs.

None of them is a word of the text but those of form (供稿, 目录, 第…期), so that they serve for texts and layouts never seen.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.extracted import Line, Look
from ingest.facts.dates import find_date
from ingest.facts.mentions import mentions_in
from ingest.facts.numerals import read_number
from ingest.grammars.cohesion import cohesion_of
from ingest.grammars.contents import HEADING, SECTION, is_among, listed_title
from ingest.grammars.credits import own_credit, take_credit
from ingest.grammars.masthead import is_issue_line
from ingest.grammars.news import is_byline, is_caption, is_reported

_HAN = r"[一二三四五六七八九十百]{1,4}"
_PREFIXES = tuple(  # what a line may open with, the first that fits; a group gives its number
    (name, re.compile(pattern))
    for name, pattern in (
        (
            "case",
            rf"^(?:典型)?(?:案例|经验|做法|范例|专题|典型)({_HAN}|\d{{1,2}})"
            r"(?:[：:、.．]|[\s　]+|$|(?<=[一二三四五六七八九十])(?=[^般些个\d]))[\s　]*",
        ),
        ("chapter", rf"^第({_HAN})(?:部分|[章节篇部编])[\s　]*"),
        ("part", rf"^之({_HAN})[：:]"),
        ("counted", rf"^({_HAN})(?:是|要)"),
        ("ordinal", rf"^第({_HAN})[，、]|^(?:首先|其次|再次|最后)"),
        ("main", rf"^({_HAN})[、.．][\s　]*"),
        ("second", rf"^[（(]({_HAN})[)）][、.．]?[\s　]*"),
        ("third", r"^(\d{1,2})(?:\.(?!\d)|[．、](?!\d+[.．、]))[\s　]*"),
        ("fourth", r"^[（(](\d{1,2})[)）][\s　]*"),
        ("circled", r"^([①-⑳])\s*"),
        ("boxed", r"^【(\d{1,2})】"),
        ("padded", r"^(\d{2})\s+(?=[\u4e00-\u9fff“])"),
        ("dated", r"^(?:(?:\d{4}年)?\d{1,2}月\d{1,2}日(?:[至—–-]\d{1,2}日)?|同[日月]|当[日月])[，,：:\s]"),
        ("bracketed", r"^【[^【】]{2,16}】(?=\S)"),
        ("named", r"^[\u4e00-\u9fff、]{2,20}(?:[（(][^（）()]{2,24}[)）])?[：:](?=\S)"),
    )
)
_AROUND = re.compile(
    r"^([^\w\s“”‘’《》（）()「」、，。：；！？]{1,4})\s*([\w\s·]{2,20}?)\s*([^\w\s“”‘’《》（）()「」、，。：；！？]{1,4})$"
)
_LEADER = re.compile(r"(?:[.．…·⋯]{2,}|\s{2,})\s*[（(]?\d{0,3}[)）]?$|[\s　][（(]?\d{1,3}[)）]?$")
_OWN_CREDIT = re.compile(
    r"^[（(\[【]?(?:供稿|来源|报送|作者|撰稿|稿件来源|作者单位|报送单位|供稿单位|信息来源|[\u4e00-\u9fff]{2}提供)(?:单位|人)?\s*[：:丨｜|]|^——[\u4e00-\u9fff]{3,24}$|^[（(][\u4e00-\u9fff、\s]{2,30}(?:供稿|报送)?[)）]$|^[【\[][\u4e00-\u9fff、\s]{2,30}(?:供稿|报送)[】\]]$"
)
_OFFICE = re.compile(r"(?:办公室|委员会|领导小组|专班|局|厅|部|委|组|中心|政府|党委|编|院|会|处|团委|妇联|工会)$")
_TAIL = re.compile(
    r"^(?:主?送|分送|抄[送报]|[发报呈]|报送?)\s*[：:]|印发\s*$|^[（(]?共印|^[（(](?:本期|资料来源).{2,40}[)）]$|^[（(][^（）()]{2,20}(?:整理|编发|摘编|汇总)[^（）()]{0,20}[)）]$|(?:责任|执行)?(?:编辑|编审|审核|校对|核稿|签发|责编|主编)\s*[：:]|^联系(?:电话|人)"
)
_UNIT = re.compile(  # opens with a town, a village, an office, a school or a firm
    r"^[\u4e00-\u9fff]{1,7}?(?:镇|乡|街道|社区|村|农场|开发区|新区|局|委|办|院|社|中心|公司|学校|中学|小学|集团|支队|大队)"
)
_FOREWORD = re.compile(r"^(?:前\s*言|导\s*[读语言]|引\s*言|写在前面)$")
_NOTE = re.compile(r"^[【(（]?(?:编者)?按[】)）：:]?|^【?编者按")
_NUMBER = re.compile(r"[〔\[（(]\d{4}[〕\])）]\s*第?\s*\d+\s*[号期]?")
_FURNITURE = re.compile(
    r"^(\W)\1{5,}$|^[-—–·\s]*(?:第\s*)?\d{1,4}(?:\s*[/／]\s*\d{1,4})?(?:\s*页)?(?:\s*共\s*\d+\s*页)?[-—–·\s]*$"
)
_NOTICE = re.compile(
    r"关于.*(?:通知|通报|通告|意见|方案|纪要|讲话|报告|办法|细则|规定|规划|计划|决定|批复|函)$|(?:讲话|方案|纪要|条例|规划|办法)$"
)
_DATELINE = re.compile(r"^(?:本[报刊网台]|[\u4e00-\u9fff]{2,8}社?)[^。，]{0,16}(?:讯|电)[\s（(]")
ROLES = "MCSTURBHPKNDX"
_LEAST_ENTRY = 5  # characters of an entry of a 目录
_HEAD_LINES = 15
_QUOTES = "“‘《「『（(【〖["
_STOPS = ("。", "！", "？", "；", "：", "，", "）", "”")
_LENGTHS = (4, 8, 14, 22, 34, 60, 120, 300)
_LOOKED_THROUGH = 40  # characters of a line in which a place is looked for
_PROSE = 60  # characters; a line as long is running text even without a full stop


Kind = tuple[str, tuple[object, ...] | None, bool, str] | None  # what a line opens with, its style, whether prose, its credit


@dataclass(frozen=True, slots=True)
class Opening:
    """What a line opens with: its kind ("" for words), its number, and the offset at which its words begin."""

    kind: str
    number: int = 0
    words: int = 0


def opening_of(text: str) -> Opening:
    """Return what a line opens with; any sign that is no letter, quotation mark or bracket is a mark."""
    for kind, pattern in _PREFIXES:
        if found := pattern.match(text):
            group = found[1] if found.groups() and found[1] else ""
            number = ord(group) - ord("①") + 1 if kind == "circled" else read_number(group) if group else 0
            return Opening(kind, number or 0, found.end() if kind not in ("named", "bracketed", "dated") else 0)
    first = text[:1]
    if first and first not in _QUOTES and (unicodedata.category(first)[0] == "S" or first in "★☆◆※·•—–=＝*-#"):
        words = len(text) - len(text.lstrip(first + " 　\ufe0f"))
        return Opening(f"mark{first}", 0, words)
    return Opening("")


def is_tail(text: str) -> bool:
    """Tell whether a line says who gets a document, or who made it."""
    return bool(_TAIL.search(text))


def is_prose(text: str) -> bool:
    """Tell whether a line is running text: it holds a full stop, or is long without the dots of a 目录."""
    return "。" in text or len(text) > _PROSE and len(_LEADER.sub("", text)) > _PROSE


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is known of one line by itself."""

    text: str
    opening: Opening
    prose: bool
    credit: str  # "own" line, at its "end", or ""
    place: int  # level of the place named within its first words, 0 for none
    first: bool  # whether it begins with the place
    name: str
    key: str  # its word characters, by which a 目录 entry and its title are compared
    look: Look | None
    signature: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What tells the roles of lines: of each its signs, what lines alike share, and the roles that it cannot have."""

    signs: list[list[str]]
    kinds: list[Kind]
    barred: list[str]


def evidence_of(lines: Sequence[Line]) -> Evidence:
    """Return the evidence of a document's lines."""
    seen = [_see(line) for line in lines]
    twins, contents = _twins(seen), _contents(seen)
    return Evidence(_signs(seen, twins, contents), _kinds(seen), _barred(seen, twins, contents))


def _signs(seen: Sequence[_Seen], twins: Sequence[list[str]], contents: Sequence[list[str]]) -> list[list[str]]:
    recurring = _recurring(seen)
    counts = _counting(seen)
    indents = Counter(round(one.look.indent) for one in seen if one.look and one.prose)
    usual = indents.most_common(1)[0][0] if indents else 0
    cohesion = cohesion_of([(one.text, one.prose) for one in seen])
    first_prose = next((row for row, one in enumerate(seen) if one.prose), len(seen))
    whole = [*cohesion.whole, *_of_document(seen)]
    signs = []
    for row, one in enumerate(seen):
        own = [*_own(one), *_looks(one, usual), *counts[row], *twins[row], *contents[row], *cohesion.lines[row]]
        own += recurring[one.signature]
        own += _position(row, len(seen), first_prose)
        own += [f"{sign}:{'prose' if one.prose else 'short'}" for sign in whole]
        own.append(f"{whole[-1]}:{_kind(one)}:{'prose' if one.prose else 'short'}:{_depth(counts[row])}")
        signs.append(own)
    return [_with_neighbours(signs, seen, row) for row in range(len(seen))]


def _kinds(seen: Sequence[_Seen]) -> list[Kind]:
    """Return for each line that is marked or set apart what lines alike share; None for the others."""
    kinds: list[Kind] = []
    for one in seen:
        look = one.look
        style = look and (round(look.size, 1), look.bold, look.centred, look.coloured, look.level)
        apart = one.opening.kind or (not one.prose and style and style != (1.0, False, False, False, 0))
        kinds.append((one.opening.kind, style or None, one.prose, one.credit) if apart else None)
    return kinds


def _barred(seen: Sequence[_Seen], twins: Sequence[list[str]], contents: Sequence[list[str]]) -> list[str]:
    """Return the roles that each line cannot have.

    What a 目录 lists is no item where it is listed, and one where it comes again; a credit closes an item; a title does not
    begin with its second line; nothing above the number of the issue is an item.
    """
    head = _masthead_end(seen)
    again = _listed_again(seen)
    credited = [bool(one.credit) and (one.credit == "end" or bool(own_credit(one.text))) for one in seen]
    barred: list[str] = []
    for row, one in enumerate(seen):
        listed = "after:contents" in contents[row] and any(sign.startswith("twin:after") for sign in twins[row])
        second = one.text.startswith("——") and not one.text.endswith("—") and row > 0 and not seen[row - 1].prose
        ended = row > 0 and credited[row - 1] and (seen[row - 1].prose or (row > 1 and seen[row - 2].prose))
        closed = ended or (row == 0 and len(seen) > 1 and credited[1] and not seen[1].prose)
        marked = (
            row > 0 and seen[row - 1].opening.kind.startswith("mark") and seen[row - 1].opening.words == len(seen[row - 1].text)
        )
        barred.append(
            _but("C") if HEADING.match(one.text) else _but("MXCN") if row < head else _but("TRS") if row in again
            else _but("MHN") if _FOREWORD.match(one.text) else "TRB" if listed
            else "TRS" if second else "S" if one.text.startswith("——") and not one.text.endswith("—")
            else _but("TRSK") if marked else "TR" if one.opening.kind == "chapter"
            else "BHPUM" if closed and sum(credited) > 1 and one.prose else "M" if "。" in one.text else ""
        )  # fmt: skip
    return barred


def _masthead_end(seen: Sequence[_Seen]) -> int:
    """Return the row below the number of the issue, if only short lines stand above it; else 0."""
    prose = next((row for row, one in enumerate(seen) if one.prose), len(seen))
    head = seen[: min(prose, _HEAD_LINES)]
    numbered = (row for row, one in enumerate(head) if is_issue_line(one.text) and not is_byline(one.text))
    return next(numbered, -1) + 1


def _but(roles: str) -> str:
    return "".join(role for role in ROLES if role not in roles)


def _listed_again(seen: Sequence[_Seen]) -> set[int]:
    """Return the rows below a 目录 that begin with one of its entries."""
    at = next((row for row, one in enumerate(seen) if HEADING.match(one.text)), None)
    if at is None:
        return set()
    end = next((row for row in range(at + 1, len(seen)) if seen[row].prose), len(seen))
    entries = [listed_title(one.text) for one in seen[at + 1 : end - 1]]
    entries = [
        entry for entry in entries if len(entry) >= _LEAST_ENTRY and not (SECTION.match(entry) or entry.startswith("——"))
    ]
    return {
        row for row in range(max(at + 1, end - 1), len(seen)) if is_among(seen[row].text[seen[row].opening.words :], entries)
    }


def _see(line: Line) -> _Seen:
    text = line.text
    opening = opening_of(text) if line.form != "row" else Opening("row")
    words = text[opening.words :]
    mention = next(iter(mentions_in(words[:_LOOKED_THROUGH])), None)
    rest, contributors = take_credit(text, bare=True)
    credit = ("end" if rest else "own") if contributors else "own" if len(text) < 40 and _OWN_CREDIT.match(text) else ""
    look = line.look
    style: tuple[object, ...] | None = (
        None if look is None else (look.bold, look.size > 1.04, look.centred, look.coloured, look.level > 0)
    )
    prose = is_prose(text)
    key = re.sub(r"\d+$", "", re.sub(r"\W", "", _LEADER.sub("", words)))
    return _Seen(
        text, opening, prose, credit, mention.places[0].level if mention else 0,
        bool(mention and mention.start == 0), mention.places[0].name if mention else "", key, look,
        (opening.kind, style, prose, line.form, credit),
    )  # fmt: skip


def _kind(one: _Seen) -> str:
    return "mark" if one.opening.kind.startswith("mark") else one.opening.kind


def _depth(signs: Sequence[str]) -> str:
    return next((sign for sign in signs if sign.startswith("depth")), "")


def _own(one: _Seen) -> list[str]:
    text = one.text
    size = sum(len(text) > length for length in _LENGTHS)
    kind = _kind(one)
    ends = next((stop for stop in _STOPS if text.endswith(stop)), "")
    shape = "prose" if one.prose else "short"
    signs = [f"len{size}", f"ends{ends}", f"open:{kind}", f"open:{kind}:{shape}", f"{shape}:{size}", f"credit:{one.credit}"]
    signs += [f"place{one.place}", f"place{one.place}:{one.first}:{shape}", f"place{one.place}:{kind}:{shape}"]
    tests = {
        "issue": is_issue_line(text), "date": bool(find_date(text)) and len(text) < 40, "section": bool(SECTION.match(text)),
        "around": bool(_AROUND.match(text)), "contents": bool(HEADING.match(text)),
        "leader": not one.prose and bool(_LEADER.search(text)),
        "byline": is_byline(text), "caption": is_caption(text),
        "tail": len(text) < 80 and bool(_TAIL.search(text)), "note": bool(_NOTE.match(text)),
        "number": not one.prose and bool(_NUMBER.search(text)), "office": len(text) < 40 and bool(_OFFICE.search(text)),
        "furniture": bool(_FURNITURE.match(text)), "dash": text.startswith("——"), "colon": not one.prose and "：" in text,
        "comma": not one.prose and bool(re.search("[，；]", text)),
        "quote": not one.prose and "“" in text, "space": not one.prose and " " in text.strip(),
        "dateline": bool(_DATELINE.match(text)),
        "stopfirst": one.prose and 0 < text.find("。") - one.opening.words <= 45,
        "brackets": text[:1] in "【〖[" and text[-1:] in "】〗]", "unit": bool(_UNIT.match(text[one.opening.words :])),
    }  # fmt: skip
    signs += [f"is:{name}" for name, holds in tests.items() if holds]
    signs += [f"is:{name}:{kind}" for name in ("section", "around", "brackets") if tests[name]]
    signs += [f"unit:{kind}:{shape}"] if tests["unit"] else []
    if one.prose:
        clause = re.split(r"[。，：　 ]", text[one.opening.words :], maxsplit=1)[0]
        signs.append(f"clause{sum(len(clause) > length for length in _LENGTHS[:6])}:{kind}")
    return signs


def _looks(one: _Seen, usual: int) -> list[str]:
    look, shape = one.look, "prose" if one.prose else "short"
    if look is None:
        return ["look:none"]
    size = 0 if look.size < 0.95 else 1 if look.size <= 1.04 else 2 if look.size <= 1.2 else 3 if look.size < 1.45 else 4
    kind = _kind(one)
    signs = [
        f"size{size}",
        f"size{size}:{shape}",
        f"indent{round(look.indent) - usual > 0}{round(look.indent) - usual < 0}:{shape}",
    ]
    flags = {
        "bold": look.bold, "centred": look.centred, "right": look.right, "coloured": look.coloured, "ruled": look.ruled,
        "space": look.space > 0.3, "lead": look.lead > 1, "listed": look.listed, "level": look.level > 0,
    }  # fmt: skip
    signs += [f"look:{name}:{shape}" for name, holds in flags.items() if holds]
    if any(flags[name] for name in ("bold", "centred", "coloured", "level")) or size > 1:
        signs += [f"set:{shape}", f"set:{shape}:{kind}", f"set:{shape}:{look.bold}{look.centred}{size > 1}{look.coloured}"]
    else:
        signs += [f"plain:{shape}", f"plain:{shape}:{kind}"]
    if look.level:
        signs.append(f"level{min(look.level, 4)}")
    return signs


def _counting(seen: Sequence[_Seen]) -> list[list[str]]:
    """Return whether each numbered line begins a count or continues one, and how deep it stands below others."""
    last: dict[str, int] = {}
    order: list[str] = []
    found: list[list[str]] = []
    kinds = len({one.opening.kind for one in seen if one.opening.number})
    for one in seen:
        kind, number = one.opening.kind, one.opening.number
        if not number:
            found.append([])
            continue
        step = "one" if number == 1 else "next" if number == last.get(kind, 0) + 1 else "other"
        if kind not in order:
            order.append(kind)
        depth = order.index(kind)
        last[kind] = number
        for deeper in order[depth + 1 :]:
            last.pop(deeper, None)
        shape = "prose" if one.prose else "short"
        found.append(
            [
                f"count:{step}",
                f"count:{step}:{kind}:{shape}",
                f"depth{min(depth, 3)}",
                f"depth{min(depth, 3)}:{kind}",
                f"kinds{kinds}:depth{depth}",
            ]
        )
    return found


def _recurring(seen: Sequence[_Seen]) -> dict[tuple[object, ...], list[str]]:
    """Return for each signature how often its lines come, whether they stand above running text and name other places."""
    rows: dict[tuple[object, ...], list[int]] = {}
    for row, one in enumerate(seen):
        rows.setdefault(one.signature, []).append(row)
    marks = list(dict.fromkeys(one.opening.kind for one in seen if one.opening.kind.startswith("mark")))
    return {signature: _recurring_signs(seen, same, marks) for signature, same in rows.items()}


def _recurring_signs(seen: Sequence[_Seen], same: Sequence[int], marks: Sequence[str]) -> list[str]:
    one, count = seen[same[0]], len(same)
    often = "1" if count == 1 else "2" if count == 2 else "3" if count < 6 else "6" if count < 12 else "12"
    shape = "prose" if one.prose else "short"
    kind = _kind(one)
    places = [seen[at].name for at in same if seen[at].place >= 2]
    share = len(places) / count
    above = sum(at + 1 < len(seen) and seen[at + 1].prose and not seen[at].prose for at in same) / count
    near = sum(b - a == 1 for a, b in pairwise(same)) / max(1, count - 1)
    units = sum(bool(_UNIT.match(seen[at].text[seen[at].opening.words :])) or seen[at].place > 0 for at in same) / count
    signs = [
        f"units{round(units * 3)}:{shape}:{kind}:{often}",
        f"often{often}:{shape}",
        f"often{often}:{shape}:{kind}",
        f"named{round(share * 3)}:{shape}:{often}",
        f"named{round(share * 3)}:{shape}:{kind}:{len(set(places)) > 1}",
        f"above{round(above * 3)}:{shape}:{often}",
        f"near{round(near * 3)}:{shape}:{often}:{kind}",
    ]
    if kind == "mark":
        signs.append(f"mark:{shape}:{often}:{len(marks) == 1}:{marks[0] == one.opening.kind}")
    return signs


def _twins(seen: Sequence[_Seen]) -> list[list[str]]:
    """Return whether the words of a line come again: an entry of the 目录 and its title."""
    keys: dict[str, list[int]] = {}
    for row, one in enumerate(seen):
        if not one.prose and len(one.key) >= 5:
            keys.setdefault(one.key[:24], []).append(row)
    first = {key[:20]: rows[0] for key, rows in reversed(keys.items()) if len(key) >= 8}
    openings = {one.key[:12]: row for row, one in reversed(list(enumerate(seen))) if one.prose}
    found: list[list[str]] = []
    for row, one in enumerate(seen):
        same = keys.get(one.key[:24], []) if not one.prose else []
        signs = (
            [f"twin:{'after' if any(at > row for at in same) else ''}{'before' if any(at < row for at in same) else ''}"]
            if len(same) > 1
            else []
        )
        if not one.prose and len(one.key) >= 8 and openings.get(one.key[:12], -1) > row:
            signs.append("twin:runin")
        if one.prose and any(first[one.key[:size]] < row for size in range(8, 21) if one.key[:size] in first):
            signs.append("twin:listed")
        found.append(signs)
    return found


def _contents(seen: Sequence[_Seen]) -> list[list[str]]:
    """Return which lines stand between 目录 and the first running text, and which of those come again."""
    at = next((row for row, one in enumerate(seen) if HEADING.match(one.text)), None)
    if at is None:
        return [[] for _ in seen]
    end = next((row for row in range(at + 1, len(seen)) if seen[row].prose), len(seen))
    return [["after:contents"] if at < row < end else ["below:contents"] if row >= end else [] for row in range(len(seen))]


def _of_document(seen: Sequence[_Seen]) -> list[str]:
    """Return what the document is as a whole: an issue, an article, a notice; whether it has credits, sections, a 目录."""
    head = [one.text for one in seen[:_HEAD_LINES]]
    credits = sum(bool(one.credit) for one in seen)
    tests = {
        "issue": any(is_issue_line(text) and not is_byline(text) for text in head),
        "reported": any(is_reported(text) for text in head),
        "number": any(not is_prose(text) and _NUMBER.search(text) for text in head),
        "contents": any(HEADING.match(text) for text in head + [one.text for one in seen[_HEAD_LINES : 2 * _HEAD_LINES]]),
        "dateline": any(_DATELINE.match(one.text) for one in seen[:_HEAD_LINES]),
        "notice": any(len(text) < 80 and _NOTICE.search(text) for text in head),
    }  # fmt: skip
    signs = [f"doc:{name}" for name, holds in tests.items() if holds]
    signs.append(f"doc:credits{min(credits, 3)}")
    signs.append(f"doc:{next((name for name in ('issue', 'reported', 'notice') if tests[name]), 'none')}:{min(credits, 2)}")
    return signs


def _position(row: int, count: int, first_prose: int) -> list[str]:
    signs = [f"first{row}"] if row < 3 else []
    if row >= count - 4:
        signs.append(f"last{count - row}")
    if row < first_prose:
        signs.append("top")
    if row == first_prose - 1:
        signs.append("top:last")
    return signs


def _with_neighbours(signs: Sequence[list[str]], seen: Sequence[_Seen], row: int) -> list[str]:
    """Add some signs of the lines before and after."""
    own = list(signs[row])
    one = seen[row]
    shape = "prose" if one.prose else "short"
    for step, name in ((-1, "before"), (1, "after"), (2, "after2")):
        at = row + step
        if not 0 <= at < len(seen):
            own.append(f"{name}:none")
            continue
        other = seen[at]
        kind = _kind(other)
        other_shape = "prose" if other.prose else "short"
        own += [f"{name}:{other_shape}:{shape}", f"{name}:{kind}:{shape}", f"{name}:credit:{other.credit}:{shape}"]
        own += [f"{name}:{sign}" for sign in signs[at] if sign.startswith(("is:", "set:", "twin:", "look:right"))]
        own.append(f"{name}:same:{other.signature == one.signature}:{shape}")
        if one.text.startswith("——") and step == -1:
            own.append(f"dash:{other_shape}")
    return own
