"""The case to find similar ones for: an item, a pasted text, or a file that is read but not stored."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from cases.similar import Case, draft_case, stored_case
from index.search.index import SearchIndex
from ingest.budget import Budget, draft_budget
from ingest.document import Document
from ingest.errors import Unreadable
from ingest.workers import AloneReader, Source
from service.actions.parameters import plain
from service.errors import Refused, no_item

LONGEST_DRAFT = 50_000  # characters
_SILENCE = 30.0  # seconds without a page after which a draft is given up
_READER = AloneReader()  # the one of this process: it keeps a worker for the next draft
_HAN = re.compile(r"[\u3400-\u9fff]")


def case_of_item(index: SearchIndex, item_id: str) -> Case:
    """Return an item as a case; raise Refused if there is none."""
    if case := stored_case(index, item_id):
        return case
    raise no_item(item_id)


def case_of_text(index: SearchIndex, text: str) -> Case:
    """Return a draft as a case; raise Refused if nothing can be read in it."""
    if len(text) > LONGEST_DRAFT:
        raise Refused("draft_too_long", f"草稿太长（{len(text)} 字，上限 {LONGEST_DRAFT} 字）", 413)
    if not _HAN.search(text):
        raise Refused("bad_draft", "草稿里没有汉字")
    return _case_of(index, _read(plain(text), "草稿.txt", draft_budget()))


def case_of_file(
    index: SearchIndex, path: Path, budget: Budget | None = None, gone: Callable[[], bool] = lambda: False
) -> Case:
    """Return a draft in a file as a case; raise Refused if nothing can be read in it, or `gone` tells that nobody waits."""
    if not path.is_file():
        raise Refused("no_file", f"没有这个文件：{path}")
    return _case_of(index, _read(path, path.name, budget, gone))


def _read(source: Source, name: str, budget: Budget | None, gone: Callable[[], bool] = lambda: False) -> Sequence[Document]:
    """Return the documents of a draft, read in a process that hangs, dies or grows alone."""
    try:
        documents, skipped = _READER.read(source, name, budget, _SILENCE, gone)
    except Unreadable as error:
        raise Refused("bad_draft", f"草稿读不出来：{error}") from error
    if skipped and not documents:
        raise Refused("bad_draft", f"草稿读不出来：{skipped[0].reason}")
    return documents


def _case_of(index: SearchIndex, documents: Sequence[Document]) -> Case:
    """Return the longest document of a draft as a case: an attachment, not the note it came with."""
    longest = max(documents, key=lambda document: len(document.text), default=None)
    if longest is None or not any(item.passages for item in longest.items):
        raise Refused("bad_draft", "草稿里没有正文")
    if not _HAN.search(longest.text):
        raise Refused("bad_draft", "草稿里没有汉字")
    return draft_case(index, longest)
