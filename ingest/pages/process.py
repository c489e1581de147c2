"""Get pages of originals from a separate process: PDFium serves one thread, and a damaged file can end only that process."""

from __future__ import annotations

import multiprocessing
import tempfile
import threading
from typing import Any

from ingest.errors import NotNow, Unreadable
from ingest.pages.letters import Rect
from ingest.pages.pictures import Size
from ingest.pages.worker import Source, serve

LONGEST = 20.0  # seconds that a page may take, and that a request may wait for those before it
IDLE = 600.0  # seconds without a request after which the process ends: text recognition takes a gigabyte of memory
_HANGING_UP = 2.0  # seconds in which the process ends after its connection has
_SPAWN = multiprocessing.get_context("spawn")  # a fork would copy the server's threads and locks


class PageProcess:
    """Requests pages from a process, one after another; the first request starts it, and the next one after it crashed."""

    def __init__(self, longest: float = LONGEST, idle: float = IDLE) -> None:
        self._longest, self._idle = longest, idle
        self._turn = threading.Lock()
        self._running: _Running | None = None

    @property
    def pid(self) -> int | None:
        """The id of the running process, None if there is none."""
        return self._running.process.pid if self._running else None

    def sizes(self, source: Source) -> tuple[int, list[Size]]:
        """Return the number of pages, and width and height in points of the first of them; raise Unreadable."""
        found: tuple[int, list[Size]] = self._ask("sizes", source)
        return found

    def picture(self, source: Source, number: int, width: int) -> bytes | None:
        """Return a page as WebP, `width` pixels wide, None if the original has no such page; raise Unreadable."""
        picture: bytes | None = self._ask("picture", source, number, width)
        return picture

    def boxes(self, source: Source, number: int, recognised: bool, text: str, start: int, end: int) -> list[Rect]:
        """Return a box for each line of [start, end) of `text`, which was read from this page; raise Unreadable."""
        boxes: list[Rect] = self._ask("boxes", source, number, recognised, text, start, end)
        return boxes

    def end(self) -> None:
        """Stop the process if it runs."""
        if self._running:
            self._running.end()
        self._running = None

    def _ask(self, *request: Any) -> Any:
        if not self._turn.acquire(timeout=self._longest):
            raise NotNow("正在显示别的页面，请稍后再试")
        try:
            response = self._answer(request)
        finally:
            self._turn.release()
        if isinstance(response, Unreadable):
            raise response
        return response

    def _answer(self, request: tuple[Any, ...]) -> Any:
        if self._running and not self._running.process.is_alive():
            self.end()
        self._running = running = self._running or _Running(self._idle)
        try:
            running.connection.send(request)
            if running.connection.poll(self._longest):
                return running.connection.recv()
        except (EOFError, OSError):
            idle = running.has_retired()
            self.end()
            if idle:
                return self._answer(request)
            return NotNow("显示这一页时程序崩溃，文件可能已损坏：请打开原件查看")
        self.end()
        return NotNow(f"这一页 {self._longest:.0f} 秒还没有画出来，已放弃：请打开原件查看")


class _Running:
    """A running process, its connection, and the folder that it unpacks into, which is removed even if it is killed."""

    def __init__(self, idle: float) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="jianbao-", ignore_cleanup_errors=True)
        self.connection, theirs = _SPAWN.Pipe()
        self.process = _SPAWN.Process(target=serve, args=(theirs, self._folder.name, idle), daemon=True)
        self.process.start()
        theirs.close()

    def has_retired(self) -> bool:
        """Tell whether the process closed its connection because it had been idle, and did not crash."""
        self.process.join(_HANGING_UP)
        return self.process.exitcode == 0

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.connection.close()
        self._folder.cleanup()
