"""The HTTP interface over a real server: contract fields, one error shape, originals at the spot and harmless."""

from __future__ import annotations

import http.client
import io
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from pypdf import PdfReader

from answer.answerer import Answerer
from index.models.encoder import Encoder
from index.search.index import SearchIndex
from index.store.catalog import Catalog
from index.store.embeddings import adopt
from index.sync.mirror import sync
from ingest.containers import opened_original
from service.http.app import create_app
from service.keys.registry import Keys


def test_health(server: str) -> None:
    assert httpx.get(f"{server}/healthz").json() == {"status": "ok"}


def test_search_has_the_fields_of_the_contract(server: str) -> None:
    found = httpx.get(f"{server}/api/search", params={"q": "无人机给海岛送药", "k": 3}).json()
    assert set(found) == {"query", "hits", "facets", "took_ms"}
    assert set(found["facets"]) == {"kind", "year", "series", "section", "contributor", "region"}
    hit = found["hits"][0]
    assert set(hit) == {"passage_id", "item_id", "text", "highlights", "score", "citation"}
    assert {
        "document_id", "file", "kind", "title", "series", "issue", "total_issue", "date", "section", "item",
        "contributor", "regions", "pages", "span", "source", "reporter", "line", "url",
    } <= set(hit["citation"])  # fmt: skip
    assert "嵊泗" in "".join([hit["text"], hit["citation"]["item"], *hit["citation"]["regions"]])


@pytest.mark.parametrize("region", ["嵊泗", "嵊泗县", "舟山市嵊泗县", "浙江省舟山市"])
def test_a_region_by_any_of_its_names(server: str, region: str) -> None:
    found = httpx.get(f"{server}/api/search", params={"q": "无人机送药", "region": region, "k": 100}).json()
    assert found["hits"][0]["citation"]["regions"][0] == "浙江省舟山市嵊泗县"
    assert all(any(name.startswith("浙江省舟山市") for name in hit["citation"]["regions"]) for hit in found["hits"])


def test_a_filter_in_the_address(server: str) -> None:
    found = httpx.get(f"{server}/api/search", params={"q": "就业", "kind": "news", "k": 100}).json()
    assert {hit["citation"]["kind"] for hit in found["hits"]} == {"news"}


def test_a_document_holds_its_passages(server: str) -> None:
    hit = httpx.get(f"{server}/api/search", params={"q": "云和木玩", "k": 1}).json()["hits"][0]
    form = httpx.get(f"{server}/api/documents/{hit['citation']['document_id']}").json()
    assert form["document"]["title"] == "云和木玩边角料变身学校教具"
    start, end = hit["citation"]["span"]
    item = form["items"][0]
    assert item["text"][start - item["span"][0] : end - item["span"][0]] == hit["text"]


def test_originals_are_the_files_themselves(server: str) -> None:
    for document in httpx.get(f"{server}/api/documents").json()["documents"]:
        reply = httpx.get(f"{server}/api/documents/{document['id']}/original")
        assert reply.status_code == 200
        original = Path(__file__).parent.parent / "documents" / document["file"]
        if original.suffix not in (".txt", ".md"):
            assert reply.content == original.read_bytes()
            continue
        assert reply.headers["content-type"] == "text/plain; charset=utf-8"
        assert "示例" in reply.text


def test_citations_of_a_pdf_open_its_page(server: str) -> None:
    hit = httpx.get(f"{server}/api/search", params={"q": "常山县胡柚专线客货邮", "kind": "bulletin", "k": 1}).json()["hits"][0]
    assert hit["citation"]["url"].endswith(f"/original#page={hit['citation']['pages'][0]}")
    reply = httpx.get(server + hit["citation"]["url"])
    assert reply.headers["content-type"] == "application/pdf"
    page = PdfReader(io.BytesIO(reply.content)).pages[hit["citation"]["pages"][0] - 1]
    assert hit["text"][:12] in page.extract_text().replace("\n", "")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/search", 400, "empty_query"),
        ("/api/search?q=%20", 400, "empty_query"),
        ("/api/search?q=" + "a" * 1001, 400, "query_too_long"),
        ("/api/search?q=a&k=0", 400, "bad_k"),
        ("/api/search?q=a&k=x", 400, "invalid_parameter"),
        ("/api/search?q=a&until=2024-13-01", 400, "bad_date"),
        ("/api/documents/0", 404, "no_document"),
        ("/api/documents/0/original", 404, "no_document"),
        ("/api/documents/..%2f..%2fetc%2fpasswd/original", 404, "not_found"),
        ("/api/search?q=a&county=x", 400, "unknown_parameter"),
        ("/api/search?q=a&kind=foo", 400, "bad_kind"),
        ("/nowhere", 404, "not_found"),
    ],
)
def test_every_error_has_one_shape(server: str, path: str, status: int, code: str) -> None:
    reply = httpx.get(server + path)
    assert reply.status_code == status
    assert set(reply.json()) == {"error"}
    assert reply.json()["error"]["code"] == code
    assert any("\u4e00" <= c <= "\u9fff" for c in reply.json()["error"]["message"])


@pytest.mark.parametrize("path", ["/web/../app.py", "/web/..%2fapp.py", "/web/%2e%2e/app.py", "/../../etc/passwd"])
def test_nothing_outside_the_web_folder_is_served(server: str, path: str) -> None:
    connection = http.client.HTTPConnection(server.removeprefix("http://"))  # sends the path as it is
    connection.request("GET", path)
    reply = connection.getresponse()
    assert (reply.status, b"FastAPI" in reply.read()) == (404, False)


def test_a_wrong_method(server: str) -> None:
    assert httpx.post(f"{server}/api/search").json()["error"]["code"] == "method_not_allowed"


@pytest.fixture
def hostile(tmp_path: Path, tiny_encoder: Encoder) -> TestClient:
    folder = tmp_path / "documents"
    folder.mkdir()
    page = (
        "<html><head><title>页面</title></head><body><script>alert(1)</script><p>某县办起食堂，老人就近吃饭。</p></body></html>"
    )
    (folder / "页面.html").write_text(page, encoding="utf-8")
    (folder / "老网页.html").write_bytes(page.replace("<head>", "<head><meta charset='gb2312'>").encode("gb18030"))
    (folder / "移走.txt").write_text("某县办起食堂，老人就近吃饭。", encoding="utf-8")
    sync(folder, Catalog(tmp_path / "data"), tiny_encoder)
    (folder / "移走.txt").unlink()
    return TestClient(
        create_app(Answerer(SearchIndex(Catalog(tmp_path / "data"), tiny_encoder), None), Keys(tmp_path)),
        raise_server_exceptions=False,
    )


def test_a_saved_page_cannot_run_scripts(hostile: TestClient) -> None:
    documents = {one["file"]: one["id"] for one in hostile.get("/api/documents").json()["documents"]}
    reply = hostile.get(f"/api/documents/{documents['页面.html']}/original")
    assert reply.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert reply.headers["x-content-type-options"] == "nosniff"


def test_a_saved_page_keeps_its_encoding(hostile: TestClient) -> None:
    documents = {one["file"]: one["id"] for one in hostile.get("/api/documents").json()["documents"]}
    reply = hostile.get(f"/api/documents/{documents['老网页.html']}/original")
    assert reply.headers["content-type"] == "text/html; charset=gb18030"
    assert "老人就近吃饭" in reply.content.decode("gb18030")


def test_an_original_that_was_moved_away(hostile: TestClient) -> None:
    documents = {one["file"]: one["id"] for one in hostile.get("/api/documents").json()["documents"]}
    reply = hostile.get(f"/api/documents/{documents['移走.txt']}/original")
    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "no_original")


def test_an_original_that_changes_while_it_is_opened_is_shown_to_nobody_limited(
    hostile: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited = {"Authorization": f"Bearer {Keys(tmp_path).create('limited', 'search', [])}"}
    listed = hostile.get("/api/documents", headers=limited).json()["documents"]
    (address,) = (f"/api/documents/{one['id']}/original" for one in listed if one["file"] == "页面.html")
    assert hostile.get(address, headers=limited).status_code == 200

    def opened(path: Path, member: str) -> AbstractContextManager[Path | None]:
        path.write_text("知悉范围：内部。拟撤并水电站。", encoding="utf-8")  # after it was checked, before it is read
        return opened_original(path, member)

    monkeypatch.setattr("service.routes.documents.opened_original", opened)
    reply = hostile.get(address, headers=limited)
    assert reply.status_code == 404 and "水电站" not in reply.text


def test_an_index_of_another_model_is_unavailable(hostile: TestClient, tmp_path: Path) -> None:
    adopt(Catalog(tmp_path / "data"), "another model")
    reply = hostile.get("/api/search", params={"q": "食堂"})
    assert (reply.status_code, reply.json()["error"]["code"]) == (503, "unavailable")
