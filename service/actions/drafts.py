"""What similar cases are asked for: an item, a pasted text, or a file that is read and not kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from cases.similar import Case, draft_case, stored_case
from index.search.index import SearchIndex
from ingest.document import Document
from ingest.errors import Unreadable
from ingest.read import read_record, structure
from ingest.workers import read_alone
from service.actions.parameters import plain
from service.errors import Refused, no_item
from service.inbox.accepted import format_of
from service.routes.uploads import MOST_FORM, refuse_large

LONGEST_DRAFT = 50_000  # characters
LARGEST_DRAFT = 20 << 20  # bytes of a file
_LONGEST_NAME = 50  # characters; what has no title of its own is called by it
_HAN = re.compile(r"[\u3400-\u9fff]")


def case_of_item(index: SearchIndex, item_id: str) -> Case:
    """Return an item as a case; raise BadRequest if there is none."""
    if case := stored_case(index, item_id):
        return case
    raise no_item(item_id)


def case_of_text(index: SearchIndex, text: str) -> Case:
    """Return a draft as a case; raise BadRequest if nothing can be read in it."""
    if len(text) > LONGEST_DRAFT:
        raise Refused("draft_too_long", f"草稿太长（{len(text)} 字，上限 {LONGEST_DRAFT} 字）", 413)
    if not _HAN.search(text):
        raise Refused("bad_draft", "草稿里没有汉字")
    try:
        return _case_of(index, [structure(read_record({"text": plain(text)}), "草稿.txt")])
    except Unreadable as error:
        raise Refused("bad_draft", f"草稿读不出来：{error}") from error


def case_of_file(index: SearchIndex, path: Path) -> Case:
    """Return a draft in a file as a case; raise BadRequest if nothing can be read in it."""
    if not path.is_file():
        raise Refused("no_file", f"没有这个文件：{path}")
    try:
        documents, skipped = read_alone(path)
    except Unreadable as error:
        raise Refused("bad_draft", f"草稿读不出来：{error}") from error
    if skipped and not documents:
        raise Refused("bad_draft", f"草稿读不出来：{skipped[0].reason}")
    return _case_of(index, documents)


async def case_of_upload(index: SearchIndex, request: Request) -> Case:
    """Return the draft in a form's field `file` as a case; raise BadRequest."""
    refuse_large(request, LARGEST_DRAFT, f"草稿文件太大（上限 {LARGEST_DRAFT >> 20} MB）")
    async with request.form(max_files=MOST_FORM, max_fields=MOST_FORM) as form:
        files = [file for file in form.getlist("file") if isinstance(file, UploadFile)]
        if len(files) != 1:
            message = "请求里没有文件：请用 multipart/form-data，字段名 file" if not files else "一次只能用一个文件查找"
            raise Refused("no_file" if not files else "too_many_files", message)
        given = re.sub(r"[\x00-\x1f]|.*[/\\]", "", plain(files[0].filename or ""))
        suffix, content = format_of(given), await files[0].read()
    return await run_in_threadpool(_case_of_bytes, index, given.removesuffix(suffix)[:_LONGEST_NAME] + suffix, content)


def _case_of_bytes(index: SearchIndex, name: str, content: bytes) -> Case:
    with TemporaryDirectory(prefix="jianbao-") as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        return case_of_file(index, path)


def _case_of(index: SearchIndex, documents: Sequence[Document]) -> Case:
    """Return the longest document that was read in a draft as a case: not the note that an attachment came with."""
    longest = max(documents, key=lambda document: len(document.text), default=None)
    if longest is None or not any(item.passages for item in longest.items):
        raise Refused("bad_draft", "草稿里没有正文")
    if not _HAN.search(longest.text):
        raise Refused("bad_draft", "草稿里没有汉字")
    return draft_case(index, longest)
