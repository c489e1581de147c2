"""The words by which a text states its access groups: headings (知悉范围, 公开范围, 密级, access) and their values.

What states a group and cannot be read as meant closes: it is CLOSED, which nobody has but who may see everything.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import Any

from ingest.document import CLOSED, LONGEST_GROUP

NOBODY: frozenset[str] = frozenset()  # no group is stated
UNJUDGED = frozenset({CLOSED})
_BETWEEN = "/"  # stands between the groups of a label; no group contains it

_MARKED = r"知悉[范範][围圍]|知悉[对對]象|公[开開][范範][围圍]|(?<![机秘绝])密[级級](?:[别別])?|[涉保]密等[级級]"
_ENGLISH = r"(?<![a-z])access(?:[_\-. ]?(?:level|groups?|rights?|scope|control))?(?![a-z])"
_HEADING = re.compile(f"{_MARKED}|{_ENGLISH}", re.IGNORECASE)
_MAYBE = re.compile("[知公密aａ]", re.IGNORECASE)  # without one of these a text is no heading
_CAMEL = re.compile("([a-z])([A-Z])")
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
_LEVEL = re.compile("[级級]")  # of a heading that asks how secret something is
_LABEL = r"(?![仅只限供])\w{1,8}\s*(?:\([^()]*\))?\s*:"  # any, with its colon
_LINE = re.compile(  # a label before its value; a space may stand for the colon where nothing else is on the line
    rf"(?:^\W*|[\s|(【\[:;。])[\u4e00-\u9fff]{{0,6}}?(?P<heading>{_MARKED}|{_ENGLISH})[\u4e00-\u9fff]{{0,6}}\s*(?:\([^()]*\))?\s*[:=]"
    rf"(?P<value>.*)$|^\W*(?P<label>{_MARKED})\s+(?P<only>[^\s。!?]{{1,{LONGEST_GROUP}}}(?:\s+{_LABEL}.*)?)$",
    re.IGNORECASE,
)
_NEXT_LABEL = re.compile(rf"(?:^|[^\w:])\s*{_LABEL}")  # 密级：内部 缓急：特急, 公开（密级：内部）
_BEGINS_LABEL = re.compile(rf"^\W*{_LABEL}")
_CLASSIFIED = re.compile(r"^(绝密|机密|秘密)\s*[★☆*]")  # at the top of an official document
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff\x00-\x08\x0b-\x1f\x7f]")
_HAN_SPACE = re.compile(r"(?<=[\u3400-\u9fff、,;/]) +| +(?=[\u3400-\u9fff、,;/])")
_SPACED = re.compile("(?<=[知悉范範公开開密]) +(?=[悉范範围圍开開级級])")  # 密 级
_BULLET = re.compile(r"^\s*[-*•·]\s+")
_WRAPPED = " \t\"'“”‘’()[]【】《》<>.。:;,_"
_SEPARATORS = re.compile(r"[、,;/|\n\r]+")
_ODD = re.compile(r"[。:!?\ufffd#]|^[\W_]+$")  # in no name of a group
_LONGEST_HEADING, _LONGEST_ASIDE = 12, 80  # characters: without what stands in brackets, and with it
_LONGEST_LINE = 4000  # characters; a longer one is running text
_LONGEST_BELOW = 200  # characters of a line below its label; a longer one names no groups, whatever it says
_OPEN = "公开 主动公开 社会公开 向社会公开 对外公开 面向社会 社会公众 公众 全社会 不限 无限制 所有人 任何人 public open"
_PUBLIC = frozenset(_OPEN.split())
_NORMAL = "无 无密级 非密 非涉密 不涉密 不保密 普通 一般 - — / none no n/a 否"
_UNCLASSIFIED = _PUBLIC | frozenset(_NORMAL.split())


def is_heading(text: str, exactly: bool = False) -> bool:
    """Tell whether a text is the heading of a column or field that states access groups: 知悉范围（必填）, Access.

    `exactly`: whether it must be nothing but that, as where titles stand: 扩大村务公开范围 is one.
    """
    if len(text) > _LONGEST_ASIDE or not _MAYBE.search(text):
        return False
    folded = _plain(_CAMEL.sub(r"\1_\2", text)).replace(" ", "") if not text.isascii() else _CAMEL.sub(r"\1_\2", text)
    own = _ASIDE.sub("", folded).strip(f"*#{_WRAPPED}")
    if ":" in own or "=" in own:  # 知悉范围：内部 is a heading with its value
        return False
    if exactly:
        return bool(_HEADING.fullmatch(own))
    return len(own or folded) <= _LONGEST_HEADING + 8 * own.isascii() and bool(_HEADING.search(own or folded))


def groups_of(value: str, heading: str = "") -> frozenset[str]:
    """Return the groups that a value states under a heading: all of them are needed; none for 公开 or an empty value."""
    public = _UNCLASSIFIED if _LEVEL.search(heading) else _PUBLIC
    text = "\n".join(map(_plain, value.splitlines())).strip()
    if not text or text.lower() in public:
        return NOBODY
    found = {_name(part) for part in _SEPARATORS.split(text.strip(_WRAPPED)) if part.strip(_WRAPPED).lower() not in public}
    return frozenset(found - {""}) or (NOBODY if text.strip(_WRAPPED) else UNJUDGED)


def _name(part: str) -> str:
    name = re.sub(r"\s*[★☆*].*$", "", part.strip(_WRAPPED))  # 秘密★1年
    return CLOSED if len(name) > LONGEST_GROUP or _ODD.search(name) else name


def stated_by(value: Any, heading: str) -> frozenset[str]:
    """Return the groups that a value of JSON states: a text, a list of texts, nothing; anything else cannot be judged."""
    if isinstance(value, list):
        return NOBODY.union(*(stated_by(one, heading) for one in value))
    return groups_of(value, heading) if isinstance(value, str) else NOBODY if value is None else UNJUDGED


def stated_in_fields(fields: Any) -> frozenset[str]:
    """Return the groups that an object of JSON states, at any depth."""
    if isinstance(fields, list):
        return NOBODY.union(*map(stated_in_fields, fields))
    if not isinstance(fields, dict):
        return NOBODY
    return NOBODY.union(*(stated_by(v, name) if is_heading(name) else stated_in_fields(v) for name, v in fields.items()))


def stated_in_lines(lines: Iterable[str]) -> frozenset[str]:
    """Return the groups that lines state: 知悉范围：内部, also with the value on the next line or in a list below; 机密★1年."""
    texts = [line for line in lines if line.strip()]
    found: set[str] = set()
    for row, text in enumerate(texts):
        if len(text) > _LONGEST_LINE or not _MAYBE.search(text):
            continue
        rest = _folded(text)
        if top := _CLASSIFIED.search(rest.strip()):
            found.add(top[1])
        while match := _LINE.search(rest):  # one line may have several labels
            heading, value = match["heading"] or match["label"], match["value"] or match["only"] or ""
            other = _NEXT_LABEL.search(value)
            own, rest = (value[: other.start()], value[other.start() :]) if other else (value, "")
            found |= groups_of(own, heading) if own.strip(_WRAPPED) else NOBODY
            if not other and (not own.strip(_WRAPPED) or _goes_on(own)):
                found |= _below(texts[row + 1 :], heading)
    return frozenset(found)


def _below(rest: Sequence[str], heading: str) -> frozenset[str]:
    """Return what the lines below a label without a value state: a list, or one line, on which no other label begins."""
    listed = list(takewhile(_BULLET.match, rest))
    for line in () if listed else rest:
        if _BEGINS_LABEL.match("".join(_folded(line).split())):
            break
        listed.append(line)
        if not _goes_on(line):
            break
    return NOBODY.union(
        *(groups_of(_BULLET.sub("", line), heading) if len(line) <= _LONGEST_BELOW else UNJUDGED for line in listed)
    )


def _goes_on(line: str) -> bool:
    return line.rstrip().endswith(("、", ",", "，"))


def _folded(text: str) -> str:
    """Return a line as labels are looked for in it."""
    return _SPACED.sub("", _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))).replace("**", "").replace("`", "")


def label(groups: Iterable[str]) -> str:
    """Return groups as one text, as they are stored; "" for none."""
    return _BETWEEN.join(sorted(groups))


def parts(stored: str) -> frozenset[str]:
    """Return the groups of a label."""
    return frozenset(stored.split(_BETWEEN)) - {""}


def _plain(text: str) -> str:
    """Return a text as it is compared: full-width letters as usual ones, without invisible and stray spaces."""
    return _HAN_SPACE.sub("", " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).split()))
