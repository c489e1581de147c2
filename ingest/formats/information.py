"""What a file says of itself beside its text: which titles and dates of it can be believed."""

from __future__ import annotations

import re

from ingest.formats.clean import clean_text

_LONGEST_TITLE = 60  # characters
_NO_TITLE = re.compile(
    r"\.\w{2,5}$|[\\/_]|^(microsoft|wps|word|excel|powerpoint|untitled|未命名|无标题|无题|新建|文档\s*\d|幻灯片|扫描|演示文稿)"
    r"|数科|福昕|永中",
    re.IGNORECASE,
)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_DAY = re.compile(r"^(?:D:)?\s*((?:19|20)\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?!\d\d\d\d\d\d\d)")


def usable_title(text: str) -> str:
    """Return a title, "" for what programs put in its place: a file's name, their own name, nothing."""
    title = clean_text(text)
    return title if len(_HAN.findall(title)) >= 2 and len(title) <= _LONGEST_TITLE and not _NO_TITLE.search(title) else ""


def day_of(text: str) -> str:
    """Return the day of a date as PDF (D:20240301…) or XMP (2024-03-01…) write it, "" for anything else."""
    found = _DAY.match(text)
    return "-".join(found.groups()) if found else ""
