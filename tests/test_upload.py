"""Files sent to a real server: kept, indexed, found, taken out again; and what is refused. Also from the page."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from conftest import DOCUMENTS, jianbao, serving, without_keys
from playwright.sync_api import Page, expect

from index.store.catalog import Catalog
from index.sync.intake import SyncReport
from service.keys.registry import Keys

TEXT = (
    "临海市“渔光互补”让盐碱地长出新收益\n\n近日，临海市把废弃盐碱地改成“渔光互补”基地，上面发电、下面养殖，年均增收{}万元。\n"
)


@pytest.fixture(scope="module")
def office(sample_data: tuple[Path, SyncReport], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path, Path]]:
    """A server's address, its folder and its data folder, both its own."""
    home = tmp_path_factory.mktemp("office")
    folder, data = home / "documents", home / "data"
    shutil.copytree(DOCUMENTS, folder)
    shutil.copytree(sample_data[0], data)
    Catalog(data).remember("folder", str(folder))
    with serving(data) as address:
        yield address, folder, data


def send(address: str, name: str, content: bytes, **headers: str) -> httpx.Response:
    return httpx.post(f"{address}/api/documents", files={"file": (name, content)}, headers=headers, timeout=120)


def code(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["error"]["code"]


def test_sent_found_and_taken_out(office: tuple[str, Path, Path]) -> None:
    address, folder, data = office
    reply = send(address, "临海渔光互补.txt", TEXT.format(860).encode())
    assert (reply.status_code, reply.json()["added"]) == (201, 1)
    (file,) = reply.json()["files"]
    assert (folder / file["file"]).read_text() == TEXT.format(860) and file["reason"] == ""
    assert (folder / file["file"]).stat().st_mode & 0o444 == 0o444  # who may read the folder may read it
    hit = httpx.get(f"{address}/api/search", params={"q": "临海盐碱地渔光互补", "k": 1}).json()["hits"][0]
    assert hit["citation"]["document_id"] == file["documents"][0]
    assert code(send(address, "另名.txt", TEXT.format(860).encode())) == (409, "already_held")
    assert code(send(address, "临海渔光互补.txt", TEXT.format(870).encode())) == (409, "name_taken")
    assert (folder / file["file"]).read_text() == TEXT.format(860)
    kept = httpx.delete(f"{address}/api/documents/{file['documents'][0]}").json()["kept"]
    assert (data / kept).read_text() == TEXT.format(860) and not (folder / file["file"]).exists()
    hits = httpx.get(f"{address}/api/search", params={"q": "临海盐碱地渔光互补", "k": 100}).json()["hits"]
    assert all("渔光互补" not in hit["text"] for hit in hits)
    assert httpx.get(f"{address}/api/documents/{file['documents'][0]}").status_code == 404


def test_what_cannot_be_read_is_told_and_does_not_stay(office: tuple[str, Path, Path]) -> None:
    address, folder, _ = office
    (file,) = send(address, "坏的.pdf", b"%PDF-1.4 nothing").json()["files"]
    assert "PDF" in file["reason"] and file["documents"] == []
    assert not (folder / file["file"]).exists()
    assert "坏的" not in json.dumps(httpx.get(f"{address}/api/status").json(), ensure_ascii=False)


def test_what_of_an_archive_was_not_indexed_is_told(office: tuple[str, Path, Path]) -> None:
    address, folder, _ = office
    for names, kept in ((("坏.pdf",), False), (("坏.pdf", "好.txt"), True)):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for name in names:
                archive.writestr(name, TEXT.format(len(names)) if name.endswith("txt") else b"%PDF-1.4 nothing")
        (file,) = send(address, f"一包{len(names)}.zip", packed.getvalue()).json()["files"]
        assert file["reason"].startswith("坏.pdf：") and bool(file["documents"]) == kept
        assert (folder / file["file"]).exists() == kept
    (folder / "上传/一包2.zip").unlink()


def test_a_file_that_has_gone_can_be_sent_again(office: tuple[str, Path, Path]) -> None:
    address, folder, _ = office
    for _ in range(2):
        (file,) = send(address, "来去.txt", TEXT.format(4321).encode()).json()["files"]
        (folder / file["file"]).unlink()
    send(address, "坏的.pdf", b"%PDF-1.4 nothing")  # a sync notices


@pytest.mark.parametrize("name", ["../../逃.txt", "..\\..\\逃.txt", "/etc/逃.txt", "\u202e逃.txt", "....逃.txt"])
def test_no_name_leads_out_of_the_folder(office: tuple[str, Path, Path], name: str) -> None:
    address, folder, _ = office
    (file,) = send(address, name, TEXT.format(len(name) + ord(name[0])).encode()).json()["files"]
    assert file["file"] == "上传/逃.txt" and (folder / "上传" / "逃.txt").is_file()
    assert httpx.delete(f"{address}/api/documents/{file['documents'][0]}").status_code == 200


def test_what_is_refused(office: tuple[str, Path, Path]) -> None:
    address, folder, _ = office
    before = sorted(folder.rglob("*"))
    assert code(send(address, "程序.exe", b"MZ")) == (415, "bad_format")
    assert code(send(address, ".txt", b"x")) == (415, "bad_format")
    assert code(send(address, "README.md", b"# x")) == (415, "bad_format")
    many = [("file", (f"{number}.txt", b"x")) for number in range(21)]
    assert code(httpx.post(f"{address}/api/documents", files=many)) == (400, "too_many_files")
    assert code(send(address, "空.txt", b"")) == (400, "file_empty")
    assert code(send(address, "长" * 90 + ".txt", b"x")) == (400, "name_too_long")
    assert code(httpx.post(f"{address}/api/documents", data={"a": "b"}, files={})) == (400, "no_file")
    assert code(httpx.post(f"{address}/api/documents", content=iter([b"x"]))) == (411, "length_required")
    assert code(httpx.delete(f"{address}/api/documents/none")) == (404, "no_document")
    assert [path for path in sorted(folder.rglob("*")) if path.name != "上传"] == [p for p in before if p.name != "上传"]


def test_a_search_key_may_not_send(office: tuple[str, Path, Path]) -> None:
    address, _, data = office
    keys = Keys(data)
    search, ingest = keys.create("查", "search", []), keys.create("收", "ingest", [])
    try:
        assert code(send(address, "a.txt", b"x")) == (401, "key_required")
        assert code(send(address, "a.txt", b"x", Authorization=f"Bearer {search}")) == (403, "scope_too_small")
        sent = send(address, "可以.txt", TEXT.format(1).encode(), Authorization=f"Bearer {ingest}")
        assert sent.status_code == 201
    finally:
        without_keys(data)
    httpx.delete(f"{address}/api/documents/{sent.json()['files'][0]['documents'][0]}")


def test_kept_for_later_while_another_process_writes(office: tuple[str, Path, Path]) -> None:
    address, folder, data = office
    with Catalog(data).writing():
        reply = send(address, "等一等.txt", TEXT.format(77).encode())
    assert (reply.status_code, reply.json()["waiting"]) == (202, True)
    assert (folder / "上传/等一等.txt").is_file() and "下一次同步" in reply.json()["message"]
    jianbao("--data", str(data), "sync", str(folder))
    hit = httpx.get(f"{address}/api/search", params={"q": "盐碱地渔光互补", "k": 1}).json()["hits"][0]
    assert httpx.delete(f"{address}/api/documents/{hit['citation']['document_id']}").status_code == 200


def test_from_the_page_with_its_progress(page: Page, office: tuple[str, Path, Path], tmp_path: Path) -> None:
    address, folder, _ = office
    good, bad = tmp_path / "页面上传.txt", tmp_path / "不能读.docx"
    good.write_text(TEXT.format(99), encoding="utf-8")
    bad.write_bytes(b"\x00\x01 no document")
    page.goto(f"{address}/status")
    page.get_by_label("选择文件").set_input_files([good, bad])
    page.get_by_role("button", name="上传并收录").click()
    told = page.locator(".uploaded")
    expect(told.get_by_role("link", name="页面上传.txt")).to_be_visible(timeout=60_000)
    expect(told).to_contain_text("不能读.docx：")
    expect(page.locator("#counts, .counts")).to_contain_text("17 份文件")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="移出 临海市“渔光互补”").click()
    expect(page.get_by_role("status").first).to_contain_text("已移出")
    assert not (folder / "上传/页面上传.txt").exists()


def test_a_document_whose_words_are_markup_stays_text(page: Page, office: tuple[str, Path, Path]) -> None:
    address, _, _ = office
    nasty = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    text = f"{nasty}苍耳子的故事\n\n苍耳子{nasty}一年收购12吨，乡亲们说这是{nasty}好生意。\n"
    (file,) = send(address, "<b>苍耳子&amp;.txt", text.encode()).json()["files"]
    page.on("dialog", lambda _: pytest.fail("a document's script ran"))
    for path in ("/?q=苍耳子收购了多少吨", f"/documents/{file['documents'][0]}", f"/items/{file['documents'][0]}-1", "/status"):
        page.goto(f"{address}{path}")
        page.get_by_text("<script>alert(1)</script>").first.wait_for()
        assert page.evaluate("document.querySelectorAll('img[src=x]').length") == 0
    assert httpx.delete(f"{address}/api/documents/{file['documents'][0]}").status_code == 200
