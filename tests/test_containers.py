"""Archives, mails and lists of records: several documents in a file, each found, cited and opened on its own."""

from __future__ import annotations

import io
import json
import tempfile
import time
import zipfile
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from conftest import DOCUMENTS
from fastapi.testclient import TestClient

from answer.answerer import Answerer
from index.models.encoder import Encoder
from index.search.index import SearchIndex
from index.store.catalog import Catalog
from index.sync.mirror import sync
from ingest.budget import Budget, draft_budget
from ingest.containers import read_file
from ingest.document import Document, Skipped
from ingest.errors import NotNow
from service.http.app import create_app
from service.keys.registry import Keys

ISSUE = DOCUMENTS / "简报" / "共富示例-2024年第7期.txt"
NEWS = "晒谷场办起食堂\n来源：示例日报 2024-05-06\n示例县的村民把闲置的晒谷场收拾出来，办起了共享食堂。\n"


def packed(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    inner = packed({"深处/新闻.txt": NEWS.encode()})
    archive = packed({"简报/第7期.txt": ISSUE.read_bytes(), "坏的.pdf": b"no pdf", "内层.zip": inner})
    (folder / "归档 😀.zip").write_bytes(archive)
    records = [{"_id": f"r{n}", "title": f"第{n}条", "text": f"示例乡办了{n}场夜校。"} for n in (1, 2)]
    (folder / "记录.jsonl").write_text("\n".join(json.dumps(record) for record in records))
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["Date"] = "转发夜校材料", "某办 <a@b.cn>", "Mon, 06 May 2024 08:00:00 +0800"
    mail.set_content("各位：夜校材料见附件，请于周五前反馈意见。\n")
    mail.add_attachment(NEWS.encode(), maintype="text", subtype="plain", filename="附件.txt")
    (folder / "来信.eml").write_bytes(bytes(mail))
    return folder


@pytest.fixture
def index(folder: Path, tmp_path: Path, tiny_encoder: Encoder) -> SearchIndex:
    catalog = Catalog(tmp_path / "data")
    sync(folder, catalog, tiny_encoder)
    return SearchIndex(catalog, tiny_encoder)


def test_each_member_is_a_document_at_its_place(folder: Path, tmp_path: Path, tiny_encoder: Encoder) -> None:
    report = sync(folder, Catalog(tmp_path / "data"), tiny_encoder)
    assert (report.added, [skipped.file for skipped in report.skipped]) == (3, ["归档 😀.zip/坏的.pdf"])
    again = sync(folder, Catalog(tmp_path / "data"), tiny_encoder)
    assert (again.unchanged, again.changed, again.added) == (3, 0, 0)


def test_members_are_found_and_opened(index: SearchIndex, tmp_path: Path) -> None:
    client = TestClient(create_app(Answerer(index, None), Keys(tmp_path)))
    documents = {entry["file"]: entry["id"] for entry in client.get("/api/documents").json()["documents"]}
    assert set(documents) == {
        "归档 😀.zip/简报/第7期.txt", "归档 😀.zip/内层.zip/深处/新闻.txt", "记录.jsonl#r1", "记录.jsonl#r2", "来信.eml",
        "来信.eml/附件.txt",
    }  # fmt: skip
    for file in ("归档 😀.zip/内层.zip/深处/新闻.txt", "来信.eml/附件.txt"):
        assert client.get(f"/api/documents/{documents[file]}/original").text == NEWS
    whole = client.get(f"/api/documents/{documents['记录.jsonl#r2']}/original").text.split("\n")
    assert json.loads(whole[1])["text"] == "示例乡办了2场夜校。"


def test_a_member_that_is_gone_disappears(folder: Path, index: SearchIndex, tiny_encoder: Encoder) -> None:
    (folder / "归档 😀.zip").write_bytes(packed({"简报/第7期.txt": ISSUE.read_bytes()}))
    report = sync(folder, index.catalog, tiny_encoder)
    assert (report.changed, report.unchanged) == (1, 2)
    held = [file for file in _files(index.catalog) if file.startswith("归档")]
    assert held == ["归档 😀.zip/简报/第7期.txt"]


def test_archives_too_deep_and_bombs_are_refused(tmp_path: Path) -> None:
    data = NEWS.encode()
    for _ in range(5):
        data = packed({"a.zip" if data[:2] == b"PK" else "a.txt": data})
    (tmp_path / "deep.zip").write_bytes(data)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.txt", bytes(50 * 2**20))
    (tmp_path / "bomb.zip").write_bytes(out.getvalue())
    for name, reason in (("deep.zip", "套了"), ("bomb.zip", "压缩炸弹")):
        (found,) = read_file(tmp_path / name, name)
        assert isinstance(found, Skipped) and reason in found.reason


def test_a_mail_and_its_attachment_are_two_documents(folder: Path) -> None:
    found = [news for news in read_file(folder / "来信.eml", "来信.eml") if isinstance(news, Document)]
    assert [document.title for document in found] == ["转发夜校材料", "晒谷场办起食堂"]
    assert {document.date for document in found} == {"2024-05-06"}


def _files(catalog: Catalog) -> list[str]:
    with catalog.connect() as db:
        return [row[0] for row in db.execute("SELECT file FROM documents ORDER BY file")]


def test_no_room_to_unpack_is_no_fault_of_the_archive(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(NotNow, match="打不开"):
        list(read_file(folder / "归档 😀.zip", "归档 😀.zip"))


def nested(levels: int, each: int, text: bytes = NEWS.encode()) -> bytes:
    """Return an archive of archives, `each` in each, with a text in the innermost."""
    inner = {f"{number}.txt": text for number in range(each)} if not levels else {}
    return packed(inner or {f"{number}.zip": nested(levels - 1, each, text) for number in range(each)})


@pytest.mark.parametrize(
    ("limits", "most", "reason"),
    [
        ({"members": 50}, 50, "太多"),
        ({"bytes": 1_500_000}, 100, "解开后太大"),
        ({"seconds": 0.4}, 300, "0 秒还没有读完"),
    ],
)
def test_what_a_file_may_cost_goes_down_through_every_nesting(
    tmp_path: Path, limits: dict[str, Any], most: int, reason: str
) -> None:
    (tmp_path / "a.zip").write_bytes(nested(2, 20, NEWS.encode() * 20))  # 8,000 texts in 400 archives
    began = time.monotonic()
    found = list(read_file(tmp_path / "a.zip", "a.zip", Budget(**limits)))
    assert sum(isinstance(one, Document) for one in found) <= most and time.monotonic() - began < 20
    last = found[-1]
    assert isinstance(last, Skipped) and reason in last.reason


def test_pages_are_counted_across_members(tmp_path: Path) -> None:
    scan = next(DOCUMENTS.rglob("*第1期.pdf")).read_bytes()
    (tmp_path / "a.zip").write_bytes(packed({f"{number}.pdf": scan for number in range(5)}))
    found = list(read_file(tmp_path / "a.zip", "a.zip", Budget(pages=7)))
    assert 1 <= sum(isinstance(one, Document) for one in found) < 5 and "页数" in found[-1].reason  # type: ignore[union-attr]


def test_a_draft_has_no_archive_within_an_archive(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(packed({"内.zip": packed({"a.txt": NEWS.encode()}), "外.txt": NEWS.encode()}))
    inner, outer = read_file(tmp_path / "a.zip", "a.zip", draft_budget())
    assert isinstance(inner, Skipped) and "套了" in inner.reason and isinstance(outer, Document)
