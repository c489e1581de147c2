"""Tell an article, which reports what has happened, from a notice, law, report or table, which a staff member calls 文件."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.extracted import Line

TITLE_END = re.compile(
    r"(?:通知|通报|通告|公告|公报|意见|方案|纪要|讲话|致辞|报告|办法|细则|规定|条例|规划|计划|要点|函|决定|批复|汇编|倡议书)$"
)
_GUIDE = re.compile(r"(?:指南|须知|流程|清单|名单|目录|一览表|统计表|明细表|制度|准则|标准|预案|章程|公约|解读|问答)$")
_HAPPENED = re.compile(
    r"近日|日前|近期|近来|连日|近年|今年|去年|昨[天日晚]|今[天日]|当[天日]|以来|截至|如今|记者|(?<!\d)\d{1,2}月(?:\d{1,2}日|[上中下]旬)"
)
_DEMANDED = re.compile(
    r"应当|不得|必须|严禁|特此|之日起|有效期|请[各遵认结]|第[一二三四五六七八九十百]+条|本(?:办法|条例|规定|通知|细则|方案|意见|法)"
)


def is_file(title: str, number: str, lines: Sequence[Line], credited: bool) -> bool:
    """Tell whether a text without main headings is a notice, law, report or table, by its title, number and words.

    One with credits is taken for an article, unless it is titled 关于…的通知 or numbered as offices number what they send.
    """
    titled = bool(TITLE_END.search(title))
    if number or ("关于" in title and titled):
        return True
    if credited:
        return False
    rows = sum(len(line.text) for line in lines if line.form == "row")
    text = "\n".join(line.text for line in lines)
    told, demanded = (len(pattern.findall(text)) for pattern in (_HAPPENED, _DEMANDED))
    return titled or bool(_GUIDE.search(title)) or 2 * rows > len(text) or demanded > told
