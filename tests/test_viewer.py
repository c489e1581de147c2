"""The viewer's routes: pages as pictures, places on them, and a process of their own that may die."""

from __future__ import annotations

import io
import os
import shutil
import signal
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import CACHE, DOCUMENTS, silent
from fastapi.testclient import TestClient
from PIL import Image

from answer.answerer import Answerer
from index.models.encoder import Encoder
from index.search.index import SearchIndex
from index.store.catalog import Catalog
from index.sync.mirror import sync
from ingest.document import Document
from ingest.errors import Unreadable
from ingest.pages.pictures import PdfPages
from ingest.pages.process import PageProcess
from ingest.pages.worker import Source
from service.http.app import create_app
from service.keys.registry import Keys

ISSUE = DOCUMENTS / "简报" / "共富示例-2024年第1期.pdf"
ARTICLE = DOCUMENTS / "新闻" / "示例新闻-05-班车捎着香菇跑.pdf"
TEXT = DOCUMENTS / "新闻" / "示例新闻-07-屋顶上的“阳光存折”.txt"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an issue, a text, a picture of a page, an archive with an article, and a table."""
    folder = tmp_path_factory.mktemp("originals")
    shutil.copy(ISSUE, folder / "简报.pdf")
    shutil.copy(TEXT, folder / "文本.txt")
    PdfPages(ISSUE).picture(2, 1000).save(folder / "照片.png")
    with zipfile.ZipFile(folder / "归档.zip", "w") as archive:
        archive.write(ARTICLE, "内/文章.pdf")
    (folder / "表.csv").write_text("title,text\n一,村集体收入增加了三成。\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def client(folder: Path, tiny_model: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    encoder = Encoder(tiny_model, CACHE)
    catalog = Catalog(tmp_path_factory.mktemp("data"))
    sync(folder, catalog, encoder, silent)
    app = create_app(Answerer(SearchIndex(catalog, encoder), None), Keys(catalog.path.parent))
    yield TestClient(app)
    app.state.pages.end()


def identity(file: str) -> str:
    return Document(file, "other", "", "").id


def address(file: str, rest: str) -> str:
    return f"/api/documents/{identity(file)}/{rest}"


def places(client: TestClient, file: str, **span: int) -> dict[str, Any]:
    found: dict[str, Any] = client.get(address(file, "places"), params=span).json()
    return found


def first_passage(client: TestClient, file: str) -> tuple[int, int]:
    start, end = client.get(f"/api/documents/{identity(file)}").json()["passages"][0]["span"]
    return start, end


@pytest.mark.parametrize(("asked", "given"), [(600, 800), (800, 800), (1201, 1600), (2400, 2400)])
def test_a_page_is_a_picture_of_a_few_widths(client: TestClient, asked: int, given: int) -> None:
    response = client.get(address("简报.pdf", "pages/2"), params={"width": asked})
    assert (response.status_code, response.headers["content-type"]) == (200, "image/webp")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "private, no-cache"
    picture = Image.open(io.BytesIO(response.content))
    assert picture.size == (given, pytest.approx(given * 842 / 595.3, abs=2))
    assert min(picture.convert("L").tobytes()) < 60  # something is printed on it


def test_a_page_that_is_held_is_not_sent_again(client: TestClient, folder: Path) -> None:
    page = address("简报.pdf", "pages/1")
    tag = client.get(page).headers["etag"]
    again = client.get(page, headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(page, params={"width": 2000}, headers={"If-None-Match": tag}).status_code == 200
    read = (folder / "简报.pdf").stat()
    os.utime(folder / "简报.pdf", (1, 1))  # changed since it was read: it may state an access group now
    changed = client.get(page, headers={"If-None-Match": tag})
    assert (changed.status_code, changed.json()["error"]["code"]) == (404, "no_original")
    os.utime(folder / "简报.pdf", ns=(read.st_atime_ns, read.st_mtime_ns))
    assert client.get(page, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize(
    ("file", "rest", "status", "code"),
    [
        ("简报.pdf", "pages/0", 404, "no_page"),
        ("简报.pdf", "pages/7", 404, "no_page"),
        ("简报.pdf", "pages/1?width=599", 400, "bad_width"),
        ("简报.pdf", "pages/1?width=2401", 400, "bad_width"),
        ("文本.txt", "pages/1", 404, "no_pages"),
        ("表.csv#2", "pages/1", 404, "no_pages"),
        ("没有.pdf", "pages/1", 404, "no_document"),
        ("没有.pdf", "places", 404, "no_document"),
        ("简报.pdf", "places?start=1", 400, "bad_span"),
        ("简报.pdf", "places?start=5&end=5", 400, "bad_span"),
        ("简报.pdf", "places?start=-1&end=5", 400, "bad_span"),
        ("简报.pdf", "places?start=0&end=99999", 400, "bad_span"),
    ],
)
def test_what_cannot_be_shown_is_said(client: TestClient, file: str, rest: str, status: int, code: str) -> None:
    response = client.get(address(file, rest))
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)


def test_a_span_across_pages_has_boxes_on_each(client: TestClient) -> None:
    passages = client.get(f"/api/documents/{identity('简报.pdf')}").json()["passages"]
    across = next(passage for passage in passages if len(passage["pages"]) == 2)
    found = places(client, "简报.pdf", start=across["span"][0], end=across["span"][1])
    assert (found["pages"], found["recognised"]) == (6, {})
    assert found["sizes"] == [[pytest.approx(595.3, abs=0.1), pytest.approx(841.9, abs=0.1)]] * 6
    assert [place["page"] for place in found["places"]] == across["pages"]
    assert all(place["boxes"] for place in found["places"])
    assert places(client, "简报.pdf")["places"] == []


def test_a_text_has_no_places(client: TestClient) -> None:
    assert places(client, "文本.txt", start=0, end=5) == {"pages": 0, "sizes": [], "places": [], "recognised": {}}


def test_a_picture_has_its_places_recognised(client: TestClient) -> None:
    start, end = first_passage(client, "照片.png")
    found = places(client, "照片.png", start=start, end=end)
    assert (found["pages"], len(found["places"])) == (1, 1)
    assert found["places"][0]["boxes"]
    assert 0.9 < found["recognised"]["1"] <= 1


def test_a_member_of_an_archive_has_its_pages(client: TestClient) -> None:
    file = "归档.zip/内/文章.pdf"
    assert client.get(address(file, "pages/1")).status_code == 200
    start, end = first_passage(client, file)
    assert places(client, file, start=start, end=end)["places"][0]["boxes"]


def test_the_process_comes_back_after_it_died(client: TestClient) -> None:
    page, pages = address("简报.pdf", "pages/3"), client.app.state.pages  # type: ignore[attr-defined]
    assert client.get(page).status_code == 200
    died = pages.pid
    loaded = Path(f"/proc/{died}/maps").read_text(encoding="utf-8")
    assert "pdfium" in loaded
    assert not any(library in loaded for library in ("libtorch", "faiss"))
    os.kill(died, signal.SIGKILL)
    answers = [client.get(page) for _ in range(2)]  # the first may still be sent to the process that dies
    assert answers[0].status_code == 200 or answers[0].json()["error"]["code"] == "page_unavailable"
    assert answers[1].status_code == 200
    assert pages.pid != died


def test_a_page_that_takes_too_long_is_given_up() -> None:
    pages = PageProcess(longest=0.001)
    with pytest.raises(Unreadable, match="已放弃"):
        pages.picture(Source(ISSUE, "", ""), 1, 800)
    assert pages.pid is None


def test_a_process_that_nobody_asks_goes_and_another_comes() -> None:
    pages = PageProcess(idle=0.1)
    assert pages.sizes(Source(ISSUE, "", ""))[0] == 6
    first = pages.pid
    time.sleep(1)
    assert pages.sizes(Source(ISSUE, "", ""))[0] == 6
    assert pages.pid != first
    pages.end()


def test_a_damaged_file_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.7 nothing")
    pages = PageProcess()
    with pytest.raises(Unreadable, match="可能已损坏"):
        pages.picture(Source(tmp_path / "bad.pdf", "", ""), 1, 800)
    assert pages.picture(Source(ISSUE, "", ""), 1, 800)
    pages.end()
