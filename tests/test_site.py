"""What pages, modules and the description for browsers are sent with."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import httpx
import pytest

PAGES = ("/", "/documents/x", "/items/x", "/compare", "/status")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_may_run_our_modules_only_and_finds_them(server: str, path: str) -> None:
    reply = httpx.get(server + path)
    policy = reply.headers["content-security-policy"]
    assert "default-src 'self'" in policy and "unsafe" not in policy and "frame-ancestors 'self'" in policy
    assert reply.headers["cache-control"] == "no-cache"
    assert "<script>" not in reply.text and "style=" not in reply.text and "{" not in reply.text
    addresses = re.findall(r'(?:src|href)="([^"#]+)"', reply.text)
    assert addresses and not any(address.startswith(("/", "http")) for address in addresses)  # below another site's path, too
    for address in addresses:
        found = httpx.get(httpx.URL(server + path).join(address))
        assert found.status_code == 200, address
        if "/web/" in address:
            assert "immutable" in found.headers["cache-control"] and found.headers["x-content-type-options"] == "nosniff"


def test_modules_of_another_version_are_not_taken_for_these(server: str) -> None:
    assert httpx.get(f"{server}/web/000000000000/element.js").status_code == 404
    assert httpx.get(f"{server}/web/element.js").status_code == 404


def test_the_widget_is_asked_for_anew_and_its_modules_from_anywhere(server: str) -> None:
    reply = httpx.get(f"{server}/widget.js")
    assert (reply.headers["cache-control"], reply.headers["access-control-allow-origin"]) == ("no-cache", "*")
    module = re.findall(r'"\./(web/\w+/element\.js)"', reply.text)[0]
    assert httpx.get(f"{server}/{module}").headers["access-control-allow-origin"] == "*"


def test_browsers_can_add_the_search(server: str) -> None:
    reply = httpx.get(f"{server}/opensearch.xml", headers={"Host": 'a"&<b>.example:1'})
    assert reply.headers["content-type"].startswith("application/opensearchdescription+xml")
    ElementTree.fromstring(reply.content)
    described = ElementTree.fromstring(httpx.get(f"{server}/opensearch.xml").content)
    url = described.find("{*}Url")
    assert url is not None and url.get("template") == f"{server}/?q={{searchTerms}}"


def test_only_the_sites_of_its_key_may_frame_the_search(server: str) -> None:
    for key in ("", "?key=jb_nothing", "?key=;%20*"):
        assert httpx.get(f"{server}/embed{key}").headers["content-security-policy"].endswith("frame-ancestors 'self'")


def test_suggestions(server: str) -> None:
    def suggested(typed: str, **more: int) -> list[tuple[str, str]]:
        reply = httpx.get(f"{server}/api/suggest", params={"q": typed, **more}).json()
        return [(one["text"], one["kind"]) for one in reply["suggestions"]]

    assert ("来料加工", "word") in suggested("来料") and ("来料加工", "word") in suggested("LLJG")
    assert ("临安区", "region") in suggested("临安") and ("临安区", "region") in suggested("laq")
    assert ("共富工坊", "word") in suggested("gfgf")  # a term that titles put in quotation marks
    assert any(kind == "title" and "老年食堂" in text for text, kind in suggested("老年食堂"))
    assert suggested("來料") == suggested("来料")
    assert len(suggested("共富", k=3)) == 3
    assert suggested("") == suggested("  ") == suggested("a") == []
    for wrong in ({"k": 0}, {"k": 21}, {"q": "长" * 1001}):
        assert httpx.get(f"{server}/api/suggest", params={"q": "x"} | wrong).status_code == 400


def test_what_is_held_is_told(server: str) -> None:
    state = httpx.get(f"{server}/api/status").json()
    assert (state["documents"], state["items"], state["skipped_total"], state["writing"]) == (16, 71, 0, False)
    assert state["series"] == [{"series": "共富示例", "year": 2024, "held": [1, 2, 3, 5, 6, 7, 8], "missing": [4]}]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", state["synced"])
    assert not any("/" in str(value) for value in (state["version"], state["synced"]))
