"""Files are read in processes of their own; one that hangs or dies costs only its file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from conftest import DOCUMENTS

from index.catalog import Catalog
from index.encoder import Encoder
from index.sync import sync
from ingest.document import Document
from ingest.read import read_document
from ingest.workers import End, read_files

GOOD = "晒谷场办起食堂\n来源：示例日报 2024-05-06\n示例县的村民把闲置的晒谷场收拾出来，办起了共享食堂。\n"


@pytest.fixture
def converter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for LibreOffice that runs whatever the test writes into it."""
    script = tmp_path / "bin" / "soffice"
    script.parent.mkdir()
    script.touch(0o755)
    monkeypatch.setenv("PATH", f"{script.parent}{os.pathsep}{os.environ['PATH']}")
    return script


def read(folder: Path, silence: float = 60) -> dict[str, object]:
    files = [(path, path.name) for path in sorted(folder.iterdir())]
    return {file: news for file, news in read_files(files, 2, silence) if isinstance(news, End)}


def folder_with_an_old_file(tmp_path: Path) -> Path:
    folder = tmp_path / "文件"
    folder.mkdir()
    (folder / "a.doc").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(64))
    for name in ("b.txt", "c.txt", "d.txt"):
        (folder / name).write_text(GOOD)
    return folder


def test_a_reader_that_dies_costs_one_file(tmp_path: Path, converter: Path) -> None:
    converter.write_text("#!/bin/sh\nkill -9 $PPID\n")
    ends = read(folder_with_an_old_file(tmp_path))
    assert ends.pop("a.doc") == End("读取时程序崩溃（SIGKILL），已跳过：文件可能已损坏", again=True)
    assert ends == {"b.txt": End(), "c.txt": End(), "d.txt": End()}


def test_a_reader_that_hangs_costs_one_file(tmp_path: Path, converter: Path) -> None:
    converter.write_text("#!/bin/sh\nexec sleep 20\n")
    ends = read(folder_with_an_old_file(tmp_path), silence=4)
    assert ends["a.doc"] == End("读了 4 秒没有进展，已放弃：文件可能已损坏", again=True)
    assert ends["d.txt"] == End()


def test_pages_are_signs_of_life() -> None:
    path = DOCUMENTS / "简报" / "共富示例-2024年第1期.pdf"
    news = [type(news).__name__ for _, news in read_files([(path, path.name)])]
    assert news == ["Page"] * news.count("Page") + ["Document", "End"]
    assert news.count("Page") > 1


def test_what_failed_is_tried_again_what_is_bad_is_not_read_again(
    tmp_path: Path, converter: Path, tiny_encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    converter.write_text("#!/bin/sh\nkill -9 $PPID\n")
    folder = folder_with_an_old_file(tmp_path)
    (folder / "e.pdf").write_bytes(b"no pdf")
    catalog = Catalog(tmp_path / "data")
    first = sync(folder, catalog, tiny_encoder)
    assert {skipped.file for skipped in first.skipped} == {"a.doc", "e.pdf"}
    asked: list[str] = []

    def counting(files: object) -> object:
        for path, file in files:  # type: ignore[attr-defined]
            asked.append(file)
            yield from read_files([(path, file)])

    monkeypatch.setattr("index.sync.read_files", counting)
    second = sync(folder, catalog, tiny_encoder)
    assert asked == ["a.doc"]
    assert {skipped.file for skipped in second.skipped} == {"a.doc", "e.pdf"}


def test_documents_come_whole_through_a_process() -> None:
    path = DOCUMENTS / "简报" / "共富示例-2024年第3期.docx"
    (document,) = [news for _, news in read_files([(path, path.name)]) if isinstance(news, Document)]
    assert document == read_document(path, path.name)
