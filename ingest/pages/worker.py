"""The process that shows pages: it keeps recent originals open, and the letters of the pages viewed last."""

from __future__ import annotations

import io
import signal
import tempfile
from contextlib import ExitStack, closing
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from cachetools import LRUCache

from ingest.budget import limit_memory
from ingest.containers import opened_original
from ingest.errors import Unreadable
from ingest.pages.letters import Letter, Rect
from ingest.pages.locate import boxes_of
from ingest.pages.pictures import Pages, Size, open_pages
from ingest.read import reasons

_MOST_OPEN = 4  # originals kept open
_MOST_LETTERS = 64  # pages whose letters are kept; recognising one takes a second
_QUALITY, _EFFORT = 85, 2  # of WebP: small print stays sharp; more effort saves 3 % and takes twice the time


@dataclass(frozen=True, slots=True)
class Source:
    """An original: its file, its member as in `opened_original`, and a stamp that changes when the file does."""

    path: Path
    member: str
    stamp: str


def serve(connection: Connection, folder: str, idle: float) -> None:
    """Serve requests (a method of Shelf and its arguments) until none came for `idle` seconds; unpack into `folder`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends this process
    tempfile.tempdir = folder
    limit_memory()
    shelf = Shelf()
    try:
        while connection.poll(idle):
            name, *arguments = connection.recv()
            try:
                with reasons():
                    response = getattr(shelf, name)(*arguments)
            except Unreadable as error:
                response = error
            connection.send(response)
    except (EOFError, OSError):
        return
    finally:
        shelf.close()


class _Opened(LRUCache[Source, tuple[Pages, ExitStack]]):
    """Open originals; one that makes room for another is closed."""

    def popitem(self) -> tuple[Source, tuple[Pages, ExitStack]]:
        """Close the original that was not used for longest, and return it."""
        source, (pages, stack) = super().popitem()
        stack.close()
        return source, (pages, stack)


class Shelf:
    """The originals opened last, and the letters of the pages viewed last."""

    def __init__(self) -> None:
        self._opened = _Opened(_MOST_OPEN)
        self._letters: LRUCache[tuple[Source, int, bool], list[Letter]] = LRUCache(_MOST_LETTERS)

    def sizes(self, source: Source) -> tuple[int, list[Size]]:
        """Return the number of pages, and width and height in points of the first of them."""
        pages = self._pages(source)
        return len(pages), pages.sizes

    def picture(self, source: Source, number: int, width: int) -> bytes | None:
        """Return a page as WebP, None if there is no such page."""
        pages = self._pages(source)
        if not 1 <= number <= len(pages):
            return None
        written = io.BytesIO()
        pages.picture(number, width).save(written, "WEBP", quality=_QUALITY, method=_EFFORT)
        return written.getvalue()

    def boxes(self, source: Source, number: int, recognised: bool, text: str, start: int, end: int) -> list[Rect]:
        """Return a box for each line of [start, end) of `text`, which was read from this page."""
        key = source, number, recognised
        letters = self._letters.get(key)
        if letters is None:
            pages = self._pages(source)
            letters = self._letters[key] = pages.letters(number, recognised) if 1 <= number <= len(pages) else []
        return boxes_of(letters, text, start, end)

    def close(self) -> None:
        """Close what is open, and remove what was unpacked for it."""
        while self._opened:
            self._opened.popitem()

    def _pages(self, source: Source) -> Pages:
        opened = self._opened.get(source)
        if opened is None:
            opened = self._opened[source] = _open(source)
        return opened[0]


def _open(source: Source) -> tuple[Pages, ExitStack]:
    with ExitStack() as stack:
        path = stack.enter_context(opened_original(source.path, source.member))
        if path is None:
            raise Unreadable("压缩包或邮件里已没有这份文件")
        return stack.enter_context(closing(open_pages(path))), stack.pop_all()
