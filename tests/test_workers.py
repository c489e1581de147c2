"""Files are read in processes of their own; one that hangs or dies costs only its file."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pypdfium2
import pytest
from conftest import DOCUMENTS
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from index.models.encoder import Encoder
from index.store.catalog import Catalog
from index.sync.mirror import sync
from ingest.document import Document
from ingest.read import read_document
from ingest.workers import AloneReader, End, read_files

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
    assert ends.pop("a.doc") == End("读取时程序崩溃（SIGKILL），已跳过：文件可能已损坏", again=True, failed=True)
    assert ends == {"b.txt": End(), "c.txt": End(), "d.txt": End()}


def test_a_reader_that_hangs_costs_one_file(tmp_path: Path, converter: Path) -> None:
    converter.write_text("#!/bin/sh\nexec sleep 20\n")
    ends = read(folder_with_an_old_file(tmp_path), silence=4)
    assert ends["a.doc"] == End("读了 4 秒没有进展，已放弃：文件可能已损坏", again=True, failed=True)
    assert ends["d.txt"] == End()


def test_who_takes_long_over_what_was_read_gives_up_no_reader(tmp_path: Path, converter: Path) -> None:
    converter.write_text("#!/bin/sh\nexec sleep 2\n")
    folder = folder_with_an_old_file(tmp_path)
    ends, files = {}, [folder / "b.txt", folder / "a.doc"]
    for file, news in read_files([(path, path.name) for path in files], 2, silence=5):
        if file == "b.txt" and isinstance(news, Document):
            time.sleep(8)
        if isinstance(news, End):
            ends[file] = news
    assert ends["b.txt"] == End() and ends["a.doc"].reason and not ends["a.doc"].failed


def test_a_kept_reader_is_taken_by_one_thread_only(tmp_path: Path) -> None:
    reader, names = AloneReader(), [f"{number}.txt" for number in range(3)]
    for name in names:
        (tmp_path / name).write_text(GOOD)
    with ThreadPoolExecutor(3) as threads:
        for _ in range(3):
            read = threads.map(lambda name: reader.read(tmp_path / name, name), names)
            assert [documents[0].file for documents, _ in read] == names
    assert len(multiprocessing.active_children()) == 1, "one waits for the next, the others have ended"
    multiprocessing.active_children()[0].kill()


def test_pages_are_signs_of_life() -> None:
    path = DOCUMENTS / "简报" / "共富示例-2024年第1期.pdf"
    news = [type(news).__name__ for _, news in read_files([(path, path.name)])]
    assert news == ["PageRead"] * news.count("PageRead") + ["Document", "End"]
    assert news.count("PageRead") > 1


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

    monkeypatch.setattr("index.sync.mirror.read_files", counting)
    for times in (1, 2, 2, 2):  # with the first, three times; then it waits until it changes
        again = sync(folder, catalog, tiny_encoder)
        assert asked == ["a.doc"] * times
        assert {skipped.file for skipped in again.skipped} == {"a.doc", "e.pdf"}
    (folder / "a.doc").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(65))
    for times in (3, 4, 5, 5):
        sync(folder, catalog, tiny_encoder)
        assert asked == ["a.doc"] * times


def test_documents_come_whole_through_a_process() -> None:
    path = DOCUMENTS / "简报" / "共富示例-2024年第3期.docx"
    (document,) = [news for _, news in read_files([(path, path.name)]) if isinstance(news, Document)]
    assert document == read_document(path, path.name)


def test_a_reader_that_dies_between_two_files_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "文件"
    folder.mkdir()
    for name in ("a.txt", "b.txt", "c.txt"):
        (folder / name).write_text(GOOD)

    def killing() -> Iterator[tuple[Path, str]]:
        for path in sorted(folder.iterdir()):
            for child in multiprocessing.active_children():  # the readers, which wait for this file
                child.kill()
                child.join()
            yield path, path.name

    ends = {file: news for file, news in read_files(killing(), 1) if isinstance(news, End)}
    assert ends == {"a.txt": End(), "b.txt": End(), "c.txt": End()}


def test_a_member_that_may_be_read_another_time_is_tried_again(
    tmp_path: Path, tiny_encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")  # no LibreOffice
    folder = tmp_path / "文件"
    folder.mkdir()
    with zipfile.ZipFile(folder / "归档.zip", "w") as archive:
        archive.writestr("旧.doc", b"\xd0\xcf\x11\xe0" + bytes(64))
        archive.writestr("新.txt", GOOD)
    catalog = Catalog(tmp_path / "data")
    for added in (1, 0):
        report = sync(folder, catalog, tiny_encoder)
        assert (report.added, [skipped.file for skipped in report.skipped]) == (added, ["归档.zip/旧.doc"])


def test_each_frame_of_a_scan_is_a_sign_of_life(tmp_path: Path) -> None:
    with pypdfium2.PdfDocument(DOCUMENTS / "简报" / "共富示例-2024年第8期-扫描件.pdf") as pdf:
        frames = [page.render(scale=1.5).to_pil().convert("RGB") for page in pdf]
    frames[0].save(tmp_path / "scan.tif", save_all=True, append_images=frames[1:])
    news = [type(news).__name__ for _, news in read_files([(tmp_path / "scan.tif", "scan.tif")])]
    assert news == ["PageRead"] * len(frames) + ["Document", "End"]


def thin_picture(path: Path) -> None:
    Image.new("1", (8, 20_000), 1).save(path)


def thin_page(path: Path) -> None:
    """A PDF whose page is 0.0001 points wide, with a picture on it that would have to be recognised."""
    drawn = Canvas(str(path), pagesize=(0.0001, 800))
    drawn.drawImage(ImageReader(Image.new("RGB", (8, 800), "white")), 0, 0, 0.0001, 800)
    drawn.save()


def many_pixels(path: Path) -> None:
    Image.new("1", (15_000, 15_000), 1).save(path)


def second_frame(path: Path) -> None:
    Image.new("1", (100, 100), 1).save(path, save_all=True, append_images=[Image.new("1", (20_000, 12_000), 1)])


@pytest.mark.parametrize(
    ("name", "made"),
    [("a.png", thin_picture), ("b.pdf", thin_page), ("c.png", many_pixels), ("d.tif", second_frame)],
)
def test_a_picture_of_odd_measures_takes_no_more_than_a_page(tmp_path: Path, name: str, made: Callable[[Path], None]) -> None:
    made(tmp_path / name)
    command = [sys.executable, "-c", _READ_AND_TELL, str(tmp_path / name)]
    told = subprocess.run(command, capture_output=True, text=True, timeout=100)
    reason, peak = told.stdout.splitlines()
    assert reason and int(peak) < 1_600_000, told  # KB; a page of usual measures takes 1,100,000


_READ_AND_TELL = """
import resource, sys
from pathlib import Path
from ingest.workers import End, read_files
if __name__ == "__main__":
    path = Path(sys.argv[1])
    print(next(news.reason for _, news in read_files([(path, path.name)], 1) if isinstance(news, End)))
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def test_a_worker_that_would_take_all_memory_fails_alone(tmp_path: Path, converter: Path) -> None:
    converter.write_text(f"#!{sys.executable}\nimport sys\nsys.stdout.write(str(len(bytearray(6 << 30))))\n")
    ends = read(folder_with_an_old_file(tmp_path))
    assert ends["a.doc"].reason and ends["d.txt"] == End()  # type: ignore[attr-defined]
    limits = subprocess.run([sys.executable, "-c", _LIMITED], capture_output=True, text=True, timeout=100)
    assert "MemoryError" in limits.stderr


_LIMITED = "from ingest.budget import limit_memory; limit_memory(); bytearray(6 << 30)"
