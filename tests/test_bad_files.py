"""A file that cannot be read is skipped with its reason; the rest is indexed."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest
from conftest import DOCUMENTS, shared
from pypdf import PdfWriter

from index.models.encoder import Encoder
from index.store.catalog import Catalog
from index.sync.mirror import sync
from index.upkeep.verify import verify
from ingest.containers import read_file
from ingest.document import Document
from ingest.errors import FolderMissing, Unreadable
from ingest.read import read_document
from ingest.walk import walk

GOOD = "晒谷场办起食堂\n来源：示例日报 2024-05-06\n示例县的村民把闲置的晒谷场收拾出来，办起了共享食堂。\n"


def pdf(pages: int, password: str = "") -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(width=200, height=200)
    if password:
        writer.encrypt(password, algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def damaged_docx() -> bytes:
    data = bytearray((DOCUMENTS / "简报" / "共富示例-2024年第3期.docx").read_bytes())
    start = data.index(b"word/document.xml") + 60
    data[start : start + 400] = bytes(400)
    return bytes(data)


def truncated_pdf() -> bytes:
    whole = (DOCUMENTS / "简报" / "共富示例-2024年第1期.pdf").read_bytes()
    return whole[: len(whole) // 3]


BAD = {
    "empty.pdf": (b"", "文件是空的"),
    "empty.txt": (b"", "文件是空的"),
    "empty.docx": (b"", "文件是空的"),
    "empty.html": (b" \n", "文件是空的"),
    "photo.pdf": (b"\xff\xd8\xff\xe0" + b"\x00" * 64, "图片已损坏"),
    "encrypted.pdf": (pdf(1, "secret"), "PDF 已加密"),
    "no-pages.pdf": (pdf(0), "一页也没有"),
    "blank.pdf": (pdf(2), "没有文字"),
    "broken.pdf": (b"%PDF-1.7\nnothing of the kind", "PDF 已损坏"),
    "truncated.pdf": (truncated_pdf(), "PDF"),
    "binary.txt": (b"text\x00\x01\x02", "不是文本"),
    "broken.txt": (b"\xff\xff\x81", "编码"),
    "damaged.docx": (damaged_docx(), "Word 文件已损坏"),
    "fake.docx": (b"\x01\x02 not a zip", "内容不是 .docx"),
    "a.rar": (b"Rar!\x1a\x07\x01\x00", "RAR 压缩包读不了"),
    "packed.docx": (b"7z\xbc\xaf\x27\x1c" + b"\x00" * 40, "7z 压缩包读不了"),
    "old.doc": (b"\xd0\xcf\x11\xe0", "另存为 .docx"),
    "table.xyz": (b"1", "不支持的格式 .xyz"),
    "no-text.html": (b"<html><body></body></html>", "没有找到正文"),
}


@pytest.fixture
def no_libreoffice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What the reasons say where it is not installed: with it, four bytes are a Word file of one line."""
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.usefixtures("no_libreoffice")
@pytest.mark.parametrize("name", BAD)
def test_reason(tmp_path: Path, name: str) -> None:
    content, reason = BAD[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Unreadable, match=reason):
        read_document(tmp_path / name, name)


@pytest.mark.usefixtures("no_libreoffice")
def test_the_rest_is_indexed(tmp_path: Path, tiny_encoder: Encoder) -> None:
    folder = tmp_path / "文件 夹😀"
    folder.mkdir()
    for name, (content, _) in BAD.items():
        (folder / name).write_bytes(content)
    (folder / "好的.txt").write_text(GOOD, encoding="gb18030")
    (folder / "README.md").write_text("a guide, no document")
    (folder / "~$好的.docx").write_bytes(b"lock")
    os.symlink(folder / "nowhere", folder / "dangling.txt")
    os.symlink(DOCUMENTS / "README.md", folder / "outside.md")
    os.symlink(folder, folder / "loop")
    os.mkfifo(folder / "pipe.txt")
    (folder / os.fsdecode("乱码".encode("gbk") + b".txt")).write_text(GOOD)
    report = sync(folder, Catalog(tmp_path / "data"), tiny_encoder)
    assert (report.added, report.removed) == (1, 0)
    assert {skipped.file for skipped in report.skipped} == {*BAD, "dangling.txt", "outside.md", "pipe.txt", "????.txt"}


def test_a_pdf_that_only_forbids_changes_is_read(tmp_path: Path) -> None:
    writer = PdfWriter(clone_from=DOCUMENTS / "简报" / "共富示例-2024年第1期.pdf")
    writer.encrypt("", "owner", algorithm="AES-256")
    writer.write(tmp_path / "locked.pdf")
    assert len(read_document(tmp_path / "locked.pdf", "locked.pdf").items) == 10


def test_files_of_a_folder_that_cannot_be_listed_stay(
    tmp_path: Path, tiny_encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "documents" / "简报").mkdir(parents=True)
    (tmp_path / "documents" / "简报" / "好的.txt").write_text(GOOD)
    catalog = Catalog(tmp_path / "data")
    sync(tmp_path / "documents", catalog, tiny_encoder)
    listing = os.scandir

    def failing(path: str) -> object:
        if str(path).endswith("简报"):
            raise OSError(5, "Input/output error", str(path))
        return listing(path)

    monkeypatch.setattr(os, "scandir", failing)
    report = sync(tmp_path / "documents", catalog, tiny_encoder)
    assert ([skipped.file for skipped in report.skipped], report.removed, report.items) == (["简报/"], 0, 1)
    assert verify(catalog, lambda _message: None).pending["removed"] == 0


def test_a_root_that_cannot_be_listed_removes_nothing(
    tmp_path: Path, tiny_encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "好的.txt").write_text(GOOD)
    catalog = Catalog(tmp_path / "data")
    sync(tmp_path / "documents", catalog, tiny_encoder)

    def failing(path: str) -> object:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", failing)
    with pytest.raises(FolderMissing, match="打不开"):
        sync(tmp_path / "documents", catalog, tiny_encoder)
    assert catalog.counts()["documents"] == 1


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FolderMissing, match="没有这个文件夹"):
        list(walk(tmp_path / "nowhere"))


def test_nul_bytes_in_a_document_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(GOOD)
    (tmp_path / "b.jsonl").write_text('{"text": "夜校\\u0000开课了，欢迎报名参加。"}\n')
    (tmp_path / "c.html").write_text(f"<html><body><article><p>{GOOD}\x00{GOOD}</p></article></body></html>")
    for name in ("a.txt", "b.jsonl", "c.html"):
        assert all("\x00" not in news.text for news in read_file(tmp_path / name, name) if isinstance(news, Document))


def test_a_pdf_of_500_pages(tmp_path: Path) -> None:
    pages = PdfWriter()
    for _ in range(125):
        pages.append(DOCUMENTS / "简报" / "共富示例-2024年第1期.pdf")
    pages.write(tmp_path / "long.pdf")
    count = len(pages.pages)
    document = read_document(tmp_path / "long.pdf", "long.pdf")
    assert count >= 500
    assert len(document.page_starts) == count


@pytest.mark.slow
def test_100_megabytes_of_text(tmp_path: Path) -> None:
    line = "示例县把闲置的晒谷场收拾出来，办起了共享食堂，老人每餐只付五元，乡亲都说好。"
    path = tmp_path / "huge.txt"
    with path.open("w", encoding="utf-8") as stream:
        for number in range(100 * 2**20 // len(line.encode())):
            stream.write(f"{number}{line}\n")
    document = read_document(path, "huge.txt")
    assert document.text.endswith(line)
    assert document.items[-1].passages[-1].end == len(document.text)


def test_a_word_file_that_unpacks_to_gigabytes(tmp_path: Path) -> None:
    with (
        zipfile.ZipFile(tmp_path / "bomb.docx", "w", zipfile.ZIP_DEFLATED) as packed,
        packed.open("word/document.xml", "w", force_zip64=True) as member,
    ):
        for _ in range(1100):
            member.write(bytes(2**20))
    with pytest.raises(Unreadable, match="压缩炸弹"):
        read_document(tmp_path / "bomb.docx", "bomb.docx")


def test_files_removed_or_closed_while_the_folder_is_read(
    tmp_path: Path, tiny_encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    for name in "abcd":
        (folder / f"{name}.txt").write_text(f"{name}{GOOD}")
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    opening = Path.open

    def refusing(path: Path, *args: object, **kwargs: object) -> object:
        if path.name == "b.txt":
            raise PermissionError(13, "Permission denied", str(path))
        return opening(path, *args, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refusing)
    report = sync(folder, Catalog(tmp_path / "data"), tiny_encoder, lambda _: (folder / "d.txt").unlink(missing_ok=True))
    assert report.added == 2
    assert {skipped.file: skipped.reason for skipped in report.skipped} == {
        "b.txt": "打不开：Permission denied", "d.txt": "打不开：No such file or directory"
    }  # fmt: skip


@pytest.mark.slow
def test_every_real_file_is_read_or_refused_with_a_reason() -> None:
    for folder in ("pdf", "docx", "scans", "gov_html", "cctv_html"):
        for path in shared(folder).iterdir():
            if path.suffix == ".json":
                continue
            try:
                assert read_document(path, path.name).items
            except Unreadable as error:
                assert str(error)
