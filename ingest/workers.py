"""Read files in worker processes, several at a time; a file that crashes or hangs its worker costs only itself."""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from pathlib import Path
from queue import Empty, Full, LifoQueue

from ingest.budget import Budget, limit_memory
from ingest.containers import read_file
from ingest.document import Document, Marked, Skipped
from ingest.errors import NotNow, Unreadable
from ingest.read import read_record, reasons, structure

SILENCE = 60.0  # seconds without a page or a document after which a file is given up
_LONGEST_WAIT = 0.5  # seconds between checks for silent workers
_IDLE = 600.0  # seconds without a file after which a worker that is kept ends
_MOST_KEPT = 1  # workers that wait for the next draft: each takes a quarter of a gigabyte
_YIELDING = 5  # steps of priority by which reading stands behind what people wait for
Source = Path | str  # a file, or a text itself


@dataclass(frozen=True, slots=True)
class PageRead:
    """A worker's sign of progress: it has read another page."""


@dataclass(frozen=True, slots=True)
class End:
    """A file is done; `reason` is "" or why it could not be read.

    `again` tells to try it again at the next sync, `failed` that its worker hung or died: not for ever, then.
    """

    reason: str = ""
    again: bool = False
    failed: bool = False


News = Document | Skipped | Marked | PageRead | End


class _Worker:
    """A process that reads the files it is sent, one after another; what it unpacks is removed even if it is killed."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="jianbao-", ignore_cleanup_errors=True)
        self.connection, theirs = _SPAWN.Pipe()
        self._process = _SPAWN.Process(target=_serve, args=(theirs, self._folder.name), daemon=True)
        self._process.start()
        theirs.close()
        self.file = ""
        self.began = self.heard = time.monotonic()  # when it was given its file, and when its last message came

    def take(self, source: Source, file: str, budget: Budget) -> None:
        self.file = file
        self.began = self.heard = time.monotonic()
        self.connection.send((source, file, budget))

    def end(self) -> int | None:
        """Stop the process and return how it ended."""
        self._process.kill()
        self._process.join()
        self.connection.close()
        self._folder.cleanup()
        return self._process.exitcode


Kept = LifoQueue[_Worker]  # workers between two readings, which several threads take and give back


class _Reading:
    """The workers of one reading, and what is still to be read."""

    def __init__(self, files: Iterable[tuple[Source, str]], budget: Budget, kept: Kept | None) -> None:
        self._waiting, self._budget, self._kept = iter(files), budget, kept
        self.workers: list[_Worker] = []

    def next(self, worker: _Worker | None = None) -> None:
        """Give the next file to a worker, to another one if it is None; with no more files the worker is kept or ends."""
        for source, file in self._waiting:
            worker = worker or self._kept_worker() or _Worker()
            try:
                worker.take(source, file, self._budget)
            except OSError:  # it died, or retired, between two files
                worker.end()
                worker = _Worker()
                worker.take(source, file, self._budget)
            self.workers.append(worker)
            return
        if worker and not self._keep(worker):
            worker.end()

    def _kept_worker(self) -> _Worker | None:
        with suppress(Empty):
            return self._kept.get_nowait() if self._kept else None
        return None

    def _keep(self, worker: _Worker) -> bool:
        with suppress(Full):
            if self._kept:
                self._kept.put_nowait(worker)
                return True
        return False

    def give_up(self, worker: _Worker, reason: str) -> tuple[str, News]:
        """End a worker that reads too long, and go on with the next file."""
        self.workers.remove(worker)
        worker.end()
        self.next()
        return worker.file, End(reason, again=True, failed=True)

    def hear(self, worker: _Worker) -> Iterator[tuple[str, News]]:
        """Yield one message of a worker; when its file is done, give it the next."""
        try:
            news: News = worker.connection.recv()
        except (EOFError, OSError):
            self.workers.remove(worker)
            code = worker.end()
            yield worker.file, End(f"读取时程序崩溃（{_signal(code)}），已跳过：文件可能已损坏", again=True, failed=True)
            self.next()
            return
        worker.heard = time.monotonic()
        yield worker.file, news
        worker.heard = time.monotonic()  # the time that the caller took is not the worker's silence
        if isinstance(news, End):
            self.workers.remove(worker)
            self.next(worker)


_SPAWN = multiprocessing.get_context("spawn")  # a fork would copy the encoder's threads and locks


def read_files(
    files: Iterable[tuple[Source, str]],
    processes: int = 0,
    silence: float = SILENCE,
    budget: Budget | None = None,
    kept: Kept | None = None,
    gone: Callable[[], bool] = lambda: False,
) -> Iterator[tuple[str, News]]:
    """Yield the content of each file as (file, Document | Skipped | Marked | PageRead | End), in order of arrival.

    `processes` is by default the number of cores less one, which is left to the encoder. `silence` is in seconds. `budget`
    is that of each file. `kept` holds workers between readings. Reading ends when `gone` tells that nobody waits for it.
    """
    budget = budget or Budget()
    reading = _Reading(files, budget, kept)
    try:
        for _ in range(processes or max(1, (os.cpu_count() or 2) - 1)):
            reading.next()
        while reading.workers and not gone():
            ready = wait([worker.connection for worker in reading.workers], _LONGEST_WAIT)
            for worker in list(reading.workers):
                if worker.connection in ready or worker.connection.poll():  # it may have spoken while the caller was busy
                    yield from reading.hear(worker)
                elif time.monotonic() - worker.heard > silence:
                    yield reading.give_up(worker, f"读了 {silence:.0f} 秒没有进展，已放弃：文件可能已损坏")
                elif time.monotonic() - worker.began > budget.seconds + silence:
                    yield reading.give_up(worker, f"读了 {budget.seconds:.0f} 秒还没有读完，已放弃：请分成几个文件")
    finally:
        for worker in reading.workers:
            worker.end()


class AloneReader:
    """Reads single files and texts, each in a process of its own, which is kept for the next."""

    def __init__(self) -> None:
        self._kept: Kept = LifoQueue(_MOST_KEPT)

    def read(
        self,
        source: Source,
        file: str,
        budget: Budget | None = None,
        silence: float = SILENCE,
        gone: Callable[[], bool] = lambda: False,
    ) -> tuple[list[Document], list[Skipped]]:
        """Return the documents of a file or text, and its parts that could not be read; raise Unreadable if nothing could."""
        found = [news for _, news in read_files([(source, file)], 1, silence, budget, self._kept, gone)]
        end = next((news for news in found if isinstance(news, End)), None)
        if end is None or end.reason:
            raise Unreadable(end.reason if end else "没有人在等，已停止")
        return [news for news in found if isinstance(news, Document)], [news for news in found if isinstance(news, Skipped)]


def _signal(code: int | None) -> str:
    return signal.Signals(-code).name if code and code < 0 else f"退出码 {code}"


def _serve(connection: Connection, folder: str) -> None:
    """Read the files that come over the connection until it is closed, or none came for a while; unpack into `folder`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that writes
    tempfile.tempdir = folder
    limit_memory()
    with suppress(AttributeError):  # Windows
        os.nice(_YIELDING)
    try:
        while connection.poll(_IDLE):
            source, file, budget = connection.recv()
            end = End()
            try:
                for found in _read(source, file, replace(budget, tell=lambda: connection.send(PageRead()))):
                    connection.send(found)
            except Unreadable as error:
                end = End(str(error), isinstance(error, NotNow))
            connection.send(end)
    except (EOFError, OSError):
        return


def _read(source: Source, file: str, budget: Budget) -> Iterator[Document | Skipped | Marked]:
    if isinstance(source, Path):
        yield from read_file(source, file, budget)
        return
    with reasons():
        yield structure(read_record({"text": source}), file)
