"""The credit of an item: who contributed it."""

from __future__ import annotations

import re

_NAMES = r"[^（）()【】\[\]。]{2,60}?"
_VERBS = "供稿|报送|撰稿|来稿"
_LABELS = rf"(?:(?:{_VERBS}|执笔)(?:单位|人)?|(?:信息|稿件)?来源|稿源|作者单位|(?:案例|材料|信息|稿件)提供)"
_CREDITS = (
    re.compile(rf"[（(\[【]({_NAMES})\s*(?:{_VERBS})\s*[)）\]】]\s*。?$"),
    re.compile(rf"[（(\[【]\s*{_LABELS}\s*[：:]\s*({_NAMES})\s*[)）\]】]\s*。?$"),
    re.compile(rf"^(?:{_VERBS})(?:单位|人)?\s*[：:丨｜]\s*({_NAMES})\s*。?$"),
)


# （本报记者张三供稿）, （图片由某局供稿） do not say whom an item is about; 报送：市委领导 names the recipient
_NO_CREDIT = re.compile(r"整理|综合|记者|图片|摄|由|通讯员|材料|领导|^各|成员单位|网$|新华社")
_BARE = re.compile(r"(?:^|(?<=[。！？”]))[（(]([^（）()【】。：:]{2,60}?)[)）]$")
_PERSON = re.compile(r"^[\u4e00-\u9fff·]{2,4}$")
_OFFICE = re.compile(r"[省市县区州旗镇乡村局办委部厅会社院校台站组队所中心室联团]$")


def take_credit(text: str, bare: bool = False) -> tuple[str, tuple[str, ...]]:
    """Split a paragraph into its text and the contributors of a credit at its end: （安吉县、德清县供稿）.

    Of 安吉县发改局 张三 only the office is a contributor. With `bare`, brackets with only offices are a credit, as in an issue.
    """
    for pattern in _CREDITS:
        found = pattern.search(text)
        if found and not _NO_CREDIT.search(found[1]):
            names = re.split(r"[、，,；;\s]+", found[1].strip())
            offices = tuple(name for name in names if name and (_OFFICE.search(name) or not _PERSON.match(name)))
            return text[: found.start()].rstrip(), offices or tuple(names[:1])
    if bare and (found := _BARE.search(text)):
        alone = tuple(re.split(r"[、，,；;\s]+", found[1].strip()))
        if all(_OFFICE.search(name) and len(name) > 2 for name in alone) and not _NO_CREDIT.search(found[1]):
            return text[: found.start()].rstrip(), alone
    return text, ()


_MARKED = re.compile(r"^[（(\[【—]|[：:丨｜]|(?:供稿|报送|撰稿|来稿)$")  # says that a line is a credit
_OWN = re.compile(
    rf"^[（(\[【—\s]*(?:(?:稿件|信息)?{_LABELS}(?:单位|人)?|作者)?\s*[：:丨｜]?\s*(.{{2,40}}?)\s*(?:供稿|报送|撰稿|来稿)?\s*[)）\]】\s]*$"
)


def own_credit(text: str) -> tuple[str, ...]:
    """Return the contributors that a line by itself names: 供稿：…, ——某县发改局, （某市）."""
    rest, names = take_credit(text, bare=True)
    if names:
        return names
    found = _OWN.match(text)
    if not found or _NO_CREDIT.search(found[1]):
        return ()
    listed = re.split(r"[、，,；;\s]+", found[1].strip())
    offices = tuple(name for name in listed if name and (_OFFICE.search(name) or not _PERSON.match(name)))
    return offices if any(map(_OFFICE.search, offices)) else (offices or tuple(listed[:1])) if _MARKED.search(text) else ()
