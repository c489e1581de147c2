"""What somebody with bad intentions may send: addresses that lead elsewhere, files that reach out or swell, names that run."""

from __future__ import annotations

import io
import json
import re
import socket
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from conftest import jianbao, serving
from loopback_server import LoopbackServer, SilentHandler, served
from playwright.sync_api import Page

from index.store.catalog import Catalog
from index.store.documents import list_documents
from service.keys.key import HIGHEST_RATE
from service.keys.registry import Keys

SECRET = "这一行只在收录的文件夹外面"
EVIL = '<img src=x onerror="window.ran=1"><script>window.ran=1</script>"\'>{{7*7}}'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of a real server, and the folder that it indexes."""
    tmp = tmp_path_factory.mktemp("attacks")
    folder = tmp / "documents"
    folder.mkdir()
    (tmp / "secret.txt").write_text(SECRET, encoding="utf-8")
    (folder / "食堂.txt").write_text("云溪县共享食堂情况\n云溪县办起共享食堂，老人每餐六元。", encoding="utf-8")
    (folder / "出去.txt").symlink_to(tmp / "secret.txt")
    jianbao("--data", str(tmp / "data"), "sync", str(folder))
    with serving(tmp / "data") as address:
        yield address, folder


def upload(address: str, name: str, content: bytes) -> httpx.Response:
    return httpx.post(f"{address}/api/documents", files={"file": (name, content)}, timeout=120)


def raw(address: str, request: bytes) -> bytes:
    """Send bytes as they are, which no library would, and return what comes back."""
    host, port = address.removeprefix("http://").split(":")
    came = b""
    with suppress(OSError), socket.create_connection((host, int(port)), timeout=2) as connection:
        connection.sendall(request)
        while data := connection.recv(65536):
            came += data
    return came


PLACES = (
    "../secret.txt", "..%2fsecret.txt", "%2e%2e/%2e%2e/secret.txt", "....//secret.txt", "/etc/passwd", "%2fetc%2fpasswd",
    "..\\..\\secret.txt", "%00", "a%00.txt", "食堂.txt/../../secret.txt", "file:///etc/passwd", "%c0%ae%c0%ae/secret.txt",
)  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_no_address_leads_out_of_the_folder(server: tuple[str, Path], place: str) -> None:
    for route in ("/api/documents/{}", "/api/documents/{}/original", "/api/documents/{}/pages/1", "/api/items/{}", "/web/{}",
                  "/docs/ui/{}", "/documents/{}", "/{}", "/api/export?items={}", "/api/search?q=食堂&folder={}"):  # fmt: skip
        address = quote(route.format(place), safe="/?=&%\\:")
        reply = raw(server[0], f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        assert int(reply[9:12]) in (200, 400, 404, 405), (route, reply[:100])
        assert SECRET.encode() not in reply and b"root:" not in reply, route


@pytest.mark.parametrize(
    "name", ["../../逃.txt", "..\\..\\逃.txt", "/tmp/逃.txt", "逃\x00.txt", "C:\\逃.txt", "逃\n.txt", "....//逃.txt"]
)
def test_an_uploaded_name_stays_in_its_folder(server: tuple[str, Path], name: str) -> None:
    address, folder = server
    before = {path for path in folder.parent.rglob("*") if path.is_file() and "data" not in path.parts}
    reply = upload(address, name, f"{name!r}情况\n云溪县记下{ascii(name)}。".encode())
    new = {path for path in folder.parent.rglob("*") if path.is_file() and "data" not in path.parts} - before
    assert reply.status_code in (201, 400, 409, 415), reply.text
    assert all(path.parent == folder / "上传" and "逃" in path.name for path in new), new
    assert not Path("/tmp/逃.txt").exists()


def test_files_that_ask_for_something_elsewhere_get_nothing(server: tuple[str, Path]) -> None:
    """Web pages, Word, mails and PDFs that name a server: it is never asked (SSRF)."""
    asked: list[str] = []

    class Ears(SilentHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    with served(LoopbackServer(Ears)) as other:
        links = f'<img src="{other.address}/a.png"><link rel="stylesheet" href="{other.address}/a.css">'
        page = f"<html><head>{links}<meta http-equiv=refresh content='0;url={other.address}/r'></head><body><h1>外链</h1>"
        page += f"<p>云溪县外链网页一则，{links}正文在这里。</p><object data='{other.address}/o'></object></body></html>"
        word = _word(f'<!DOCTYPE d [<!ENTITY x SYSTEM "{other.address}/entity">]>', "云溪县外链文档情况", "正文&x;")
        mail = EmailMessage()
        mail["Subject"] = "云溪县外链邮件"
        mail.set_content("云溪县外链邮件正文。")
        mail.add_alternative(page, subtype="html")
        for name, content in (
            ("外链.html", page.encode()),
            ("外链.eml", mail.as_bytes()),
            ("外链.docx", word),
        ):
            reply = upload(server[0], name, content)
            assert reply.status_code == 201, reply.text
            for document in (one for file in reply.json()["files"] for one in file["documents"]):
                httpx.get(f"{server[0]}/api/documents/{document}/original", timeout=60)
    assert asked == []


def _docx(document: str, relations: str = "") -> bytes:
    kinds = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    types = (
        '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{kinds}"/></Types>'
    )
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    rels = (
        '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{office}" Target="word/document.xml"/></Relationships>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, text in (("[Content_Types].xml", types), ("_rels/.rels", rels), ("word/document.xml", document)):
            packed.writestr(name, text)
    return out.getvalue()


def _word(doctype: str, *paragraphs: str) -> bytes:
    """Return a Word file of these paragraphs, whose XML begins with a document type."""
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    return _docx(f'<?xml version="1.0"?>{doctype}<w:document {space}><w:body>{body}</w:body></w:document>')


@pytest.mark.parametrize("target", ["file:///etc/passwd", "secret"])
def test_entities_of_xml_are_not_followed(server: tuple[str, Path], target: str) -> None:
    address, folder = server
    place = target if ":" in target else (folder.parent / "secret.txt").as_uri()
    entity = f'<!DOCTYPE d [<!ENTITY x SYSTEM "{place}">]>'
    word = _word(entity, f"云溪县实体情况{len(target)}", "前&x;后")
    page = f"{entity}<html><body><h1>实体网页{len(target)}</h1><p>云溪县实体网页，前&x;后，正文在这里。</p></body></html>"
    for name, content in ((f"实体{len(target)}.docx", word), (f"实体{len(target)}.html", page.encode())):
        reply = upload(address, name, content)
        assert reply.status_code < 500
        for document in (one for file in reply.json().get("files", []) for one in file["documents"]):
            told = httpx.get(f"{address}/api/documents/{document}", timeout=60).text
            assert SECRET not in told and "root:" not in told


def test_entities_that_multiply_are_refused(server: tuple[str, Path]) -> None:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    reply = upload(server[0], "十亿.docx", _word(f'<!DOCTYPE d [<!ENTITY l0 "哈哈">{levels}]>', "&l11;"))
    assert reply.status_code == 201 and reply.json()["files"][0]["reason"]
    assert httpx.get(f"{server[0]}/healthz").status_code == 200


def bomb(kind: str) -> bytes:
    """Return a small archive of more than 1 GB, flat or packed many times over, or one of very many files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        if kind == "flat":
            with packed.open("大.txt", "w", force_zip64=True) as member:
                for _ in range(70):
                    member.write(b"\0" * (16 << 20))
        elif kind == "many":
            for number in range(70_000):
                packed.writestr(f"{number}.txt", "x")
        else:
            inner = b"x" * 1000
            for depth in range(60):
                nested = io.BytesIO()
                with zipfile.ZipFile(nested, "w", zipfile.ZIP_DEFLATED) as deeper:
                    deeper.writestr(f"{depth}.zip", inner)
                inner = nested.getvalue()
            packed.writestr("深.zip", inner)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["flat", "many", "deep"])
def test_archives_that_swell_are_refused(server: tuple[str, Path], kind: str) -> None:
    reply = upload(server[0], f"{kind}炸弹.zip", bomb(kind))
    assert reply.status_code == 201 and reply.json()["files"][0]["reason"], reply.text[:300]
    assert reply.json()["files"][0]["documents"] == []
    assert not (server[1] / "上传" / f"{kind}炸弹.zip").exists()


def test_headers_cannot_be_written_into(server: tuple[str, Path]) -> None:
    for request in (
        b"GET /api/search?q=a%0d%0aX-Evil:%201 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
        b"GET /api/export?items=a&title=b%0d%0aX-Evil:%201 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Request-ID: abcdefgh\r\n X-Evil: 1\r\nConnection: close\r\n\r\n",
        b"GET /opensearch.xml HTTP/1.1\r\nHost: a\"><x>\r\nConnection: close\r\n\r\n",
        b"GET /api/search?q=%E9%A3%9F%E5%A0%82 HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Request-ID: <b>\r\nConnection: close\r\n\r\n",
    ):  # fmt: skip
        head, _, body = raw(server[0], request).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 ") and int(head[9:12]) < 500
        assert b"x-evil" not in head.lower() and b"<b>" not in head and b"<x>" not in body
    name = '坏\r\nX-Evil: 1".txt'
    reply = upload(server[0], name, "云溪县坏名字情况\n云溪县有个坏名字。".encode())
    document = reply.json()["files"][0]["documents"][0]
    original = httpx.get(f"{server[0]}/api/documents/{document}/original")
    assert original.status_code == 200 and "x-evil" not in original.headers


def test_requests_that_are_no_requests_do_not_stop_the_server(server: tuple[str, Path]) -> None:
    for request in (
        b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\0" * 1000,
        b"POST /api/ask HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\n\r\n",
    ):  # fmt: skip
        assert b" 500 " not in raw(server[0], request)[:20]
    assert httpx.get(f"{server[0]}/healthz").status_code == 200


@pytest.fixture(scope="module")
def evil(server: tuple[str, Path]) -> dict[str, Any]:
    """The document of a file whose title, section, source, name and text are markup and script."""
    row = {
        "标题": f"云溪县{EVIL}",
        "正文": f"云溪县的正文里也有{EVIL}，第二句在这里。",
        "来源": EVIL,
        "作者": EVIL,
        "网址": "javascript:window.ran=1",
    }
    reply = upload(server[0], f"恶{'<svg onload=alert(1)>'}.jsonl", json.dumps(row, ensure_ascii=False).encode())
    assert reply.status_code == 201, reply.text
    document: dict[str, Any] = reply.json()["files"][0]
    return document


def test_titles_names_and_citations_never_run(server: tuple[str, Path], evil: dict[str, Any], page: Page) -> None:
    """In a real browser, on each page that shows them; the console, which would tell of a blocked script, stays empty."""
    (document,) = evil["documents"]
    for view in ("?q=云溪县正文&view=page", f"documents/{document}", f"items/{document}-1", "status"):
        page.goto(f"{server[0]}/{view}")
        page.get_by_text(re.compile("onerror|onload")).first.wait_for(
            state="attached", timeout=20_000
        )  # it may be behind a line
        assert page.evaluate("window.ran") is None
        assert page.evaluate("document.querySelectorAll('img[src=x], script:not([src]), svg[onload]').length") == 0
        links = page.evaluate("[...document.querySelectorAll('a[href]')].map((one) => one.protocol)")
        assert "javascript:" not in links


def test_feeds_exports_and_originals_hold_markup_as_text(server: tuple[str, Path], evil: dict[str, Any]) -> None:
    (document,) = evil["documents"]
    feed = httpx.get(f"{server[0]}/feed.atom", params={"q": "云溪县正文"})
    assert feed.status_code == 200 and b"<img" not in feed.content and b"<script" not in feed.content
    for form in ("markdown", "csv", "json"):
        reply = httpx.get(f"{server[0]}/api/export", params={"items": f"{document}-1", "format": form})
        assert "attachment" in reply.headers["content-disposition"] and "html" not in reply.headers["content-type"]
    markdown = httpx.get(f"{server[0]}/api/export", params={"items": f"{document}-1"}).text
    assert "<img" not in markdown.replace("\\<", "")
    original = httpx.get(f"{server[0]}/api/documents/{document}/original")
    assert "sandbox" in original.headers["content-security-policy"] and original.headers["x-content-type-options"] == "nosniff"
    page = httpx.get(f"{server[0]}/")
    assert (
        "script-src" not in page.headers["content-security-policy"]
        and "default-src 'self'" in page.headers["content-security-policy"]
    )


def test_a_form_that_never_ends_and_a_body_too_large_are_refused(server: tuple[str, Path]) -> None:
    large = httpx.post(f"{server[0]}/api/ask", content=b'{"question": "' + b"a" * (2 << 20) + b'"}')
    assert (large.status_code, large.json()["error"]["code"]) == (413, "request_too_large")

    def endless() -> Iterator[bytes]:
        for _ in range(4096):  # 256 MB
            yield b"a" * 65536

    with suppress(httpx.TransportError):  # the connection may be closed before the answer has been read
        reply = httpx.post(f"{server[0]}/api/ask", content=endless(), timeout=20)
        assert reply.status_code == 413
    assert httpx.post(f"{server[0]}/api/documents", content=endless(), timeout=20).status_code == 411


STATED = {  # how a group is stated: files, and whether the callers without it may see a part of each
    "folder": {"内部/蟠龙甲.txt": "水电站情况\n云溪县拟撤并蟠龙水电站，安置移民347户。"},
    "column": {
        "蟠龙乙.csv": "标题,正文,知悉范围\n电站,云溪县拟撤并蟠龙水电站二号机组。,内部\n食堂,云溪县办起共享食堂。,公开\n",
        "蟠龙丙.csv": "标题,正文,摘要,知悉范围\n茶叶,云溪县茶叶开秤。,,\n电站,,蟠龙水电站安置移民347户。,内部\n",
    },
    "meta": {
        "蟠龙丁.html": '<html><head><META NAME="Access" content="内部"></head>'
        "<body><h1>除险</h1><p>云溪县蟠龙水库除险加固。</p></body></html>"
    },
}


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, httpx.Client, dict[str, str]]]:
    """Callers without and with the group of the files above, and the file of each document."""
    tmp = tmp_path_factory.mktemp("stated")
    for name, content in {**STATED["folder"], **STATED["column"], **STATED["meta"]}.items():
        (tmp / "documents" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp / "documents" / name).write_text(content, encoding="utf-8")
    groups = {"JIANBAO_GROUPS": json.dumps({"内部": ["内部"]})}
    jianbao("--data", str(tmp / "data"), "sync", str(tmp / "documents"), **groups)
    held = {one["id"]: one["file"] for one in list_documents(Catalog(tmp / "data"), 20)}
    keys = Keys(tmp / "data")
    tokens = [keys.create(name, "ingest", [], own, rate=HIGHEST_RATE) for name, own in (("无", []), ("有", ["内部"]))]
    with serving(tmp / "data", **groups) as address:
        bearers = [{"Authorization": f"Bearer {token}"} for token in tokens]
        without, insider = (httpx.Client(base_url=address, headers=bearer, timeout=60) for bearer in bearers)
        with without, insider:
            yield without, insider, held


@pytest.mark.parametrize("stated", STATED)
def test_on_no_route_anything_comes_out_of_what_states_a_group(
    limited: tuple[httpx.Client, httpx.Client, dict[str, str]], stated: str
) -> None:
    """Texts, parts, pages and originals, also those of open rows in a table with marked ones."""
    without, insider, held = limited
    secret = re.compile("蟠龙水|347户|二号机组|除险")
    described = without.get("/openapi.json").json()["paths"]
    documents = [key for key, file in held.items() if file.split("#")[0] in STATED[stated]]
    assert documents
    for document in documents:
        marked = "#" not in held[document] or held[document].endswith("乙.csv#2")
        assert insider.get(f"/api/documents/{document}/original").status_code == 200
        assert insider.get(f"/api/documents/{document}").status_code == 200
        assert without.get(f"/api/documents/{document}/original").status_code == 404
        assert without.get(f"/api/documents/{document}").status_code == (404 if marked else 200)
        for path, methods in described.items():
            own = path.format(document_id=document, item_id=f"{document}-1", number=1)
            asked = {
                "q": "云溪县",
                "items": f"{document}-1,{document}-2",
                "item": f"{document}-1",
                "figure": "移民",
                "like": "安置人数",
                "format": "json",
            }
            for method in methods:
                body = {
                    "question": "云溪县安置多少户？",
                    "text": "撤并旧站",
                    "item": f"{document}-1",
                    "query": "x",
                    "helpful": True,
                }
                more = {"json": body} if method == "post" else {"params": {**asked, "start": 0, "end": 9}}
                reply = without.request(method, own, **more) if method != "delete" or marked else None  # type: ignore[arg-type]
                assert reply is None or (reply.status_code < 500 and not secret.search(reply.text)), (method, own)
