"""Read files in worker processes, several at a time; a file that crashes or hangs its worker costs only itself."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path

from ingest.containers import read_file
from ingest.document import Document, Marked, Skipped
from ingest.errors import NotNow, Unreadable

SILENCE = 60.0  # seconds without a page or a document after which a file is given up
_LONGEST_WAIT = 0.5  # seconds between checks for silent workers


@dataclass(frozen=True, slots=True)
class PageRead:
    """A worker's sign of progress: it has read another page."""


@dataclass(frozen=True, slots=True)
class End:
    """A file is done; `reason` is "" or why it could not be read, `again` tells to try it again at the next sync."""

    reason: str = ""
    again: bool = False


News = Document | Skipped | Marked | PageRead | End


class _Worker:
    """A process that reads the files it is sent, one after another."""

    def __init__(self) -> None:
        self.connection, theirs = _SPAWN.Pipe()
        self._process = _SPAWN.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self.file = ""
        self.heard = time.monotonic()  # when its last message came

    def take(self, path: Path, file: str) -> None:
        self.file, self.heard = file, time.monotonic()
        self.connection.send((path, file))

    def end(self) -> int | None:
        """Stop the process and return how it ended."""
        self._process.kill()
        self._process.join()
        self.connection.close()
        return self._process.exitcode


_SPAWN = multiprocessing.get_context("spawn")  # a fork would copy the encoder's threads and locks


def read_files(files: Iterable[tuple[Path, str]], processes: int = 0, silence: float = SILENCE) -> Iterator[tuple[str, News]]:
    """Yield the content of each file as (file, Document | Skipped | Marked | PageRead | End), in order of arrival.

    `processes` is by default the number of cores less one, which is left to the encoder. `silence` is in seconds.
    """
    waiting = iter(files)
    workers: list[_Worker] = []
    try:
        for _ in range(processes or max(1, (os.cpu_count() or 2) - 1)):
            _next(None, waiting, workers)
        while workers:
            ready = wait([worker.connection for worker in workers], _LONGEST_WAIT)
            for worker in list(workers):
                if worker.connection in ready:
                    yield from _hear(worker, waiting, workers)
                elif time.monotonic() - worker.heard > silence:
                    workers.remove(worker)
                    worker.end()
                    yield worker.file, End(f"读了 {silence:.0f} 秒没有进展，已放弃：文件可能已损坏", again=True)
                    _next(None, waiting, workers)
    finally:
        for worker in workers:
            worker.end()


def read_alone(path: Path) -> tuple[list[Document], list[Skipped]]:
    """Return the documents of one file, and its parts that could not be read; raise Unreadable if the whole file could not."""
    found = [news for _, news in read_files([(path, path.name)])]
    if end := next((news for news in found if isinstance(news, End) and news.reason), None):
        raise Unreadable(end.reason)
    return [news for news in found if isinstance(news, Document)], [news for news in found if isinstance(news, Skipped)]


def _hear(worker: _Worker, waiting: Iterator[tuple[Path, str]], workers: list[_Worker]) -> Iterator[tuple[str, News]]:
    """Yield one message of a worker; when its file is done, give it the next."""
    try:
        news: News = worker.connection.recv()
    except (EOFError, OSError):
        workers.remove(worker)
        code = worker.end()
        yield worker.file, End(f"读取时程序崩溃（{_signal(code)}），已跳过：文件可能已损坏", again=True)
        _next(None, waiting, workers)
        return
    worker.heard = time.monotonic()
    yield worker.file, news
    worker.heard = time.monotonic()  # the time that the caller took is not the worker's silence
    if isinstance(news, End):
        workers.remove(worker)
        _next(worker, waiting, workers)


def _next(worker: _Worker | None, waiting: Iterator[tuple[Path, str]], workers: list[_Worker]) -> None:
    """Give the next file to a worker, to a new one if it is None; end the worker if there are no more files."""
    for path, file in waiting:
        worker = worker or _Worker()
        try:
            worker.take(path, file)
        except OSError:  # it died between two files
            worker.end()
            worker = _Worker()
            worker.take(path, file)
        workers.append(worker)
        return
    if worker:
        worker.end()


def _signal(code: int | None) -> str:
    return signal.Signals(-code).name if code and code < 0 else f"退出码 {code}"


def _serve(connection: Connection) -> None:
    """Read the files that come over the connection until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that writes
    try:
        while True:
            path, file = connection.recv()
            end = End()
            try:
                for found in read_file(path, file, lambda: connection.send(PageRead())):
                    connection.send(found)
            except Unreadable as error:
                end = End(str(error), isinstance(error, NotNow))
            connection.send(end)
    except (EOFError, OSError):
        return
