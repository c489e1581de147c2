"""Whatever states an access group keeps it: no text and no original is shown to a caller without the group."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from conftest import jianbao, serving
from marked import FORMS, OPEN, SECRET

from index.store.catalog import Catalog
from service.keys.key import HIGHEST_RATE
from service.keys.registry import Keys


@dataclass(frozen=True)
class Site:
    """A real server over a file of every form, with the keys of callers."""

    address: str
    clients: dict[str, httpx.Client]
    documents: dict[str, list[str]]  # file → its documents
    told: str  # by the sync

    def __call__(self, caller: str, route: str, **query: Any) -> httpx.Response:
        return self.clients[caller].get(route, params=query)


def word_of(about: str) -> str:
    """Return the word that stands in one file alone."""
    return f"丙{list(FORMS).index(about):03}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    tmp = tmp_path_factory.mktemp("marks")
    folder, data = tmp / "documents", tmp / "data"
    folder.mkdir()
    for about, form in FORMS.items():
        (folder / form.name).write_bytes(form.make(word_of(about)))
    configured = {"JIANBAO_GROUPS": json.dumps({"内部": ["内部"]})}
    told = jianbao("--data", str(data), "sync", str(folder), **configured)
    documents: dict[str, list[str]] = {}
    catalog, keys = Catalog(data), Keys(data)
    with catalog.connect() as db:
        for document_id, origin in db.execute("SELECT id, origin FROM documents ORDER BY rowid"):
            documents.setdefault(origin, []).append(document_id)
    made = {
        name: keys.create(name, "ingest", [], groups, rate=HIGHEST_RATE)
        for name, groups in (("none", []), ("other", ["农业处"]), ("inner", ["内部"]), ("all", ["*"]))
    }
    with serving(data, **configured) as address:
        clients = {
            name: httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=120)
            for name, token in made.items()
        }
        yield Site(address, clients, documents, told.stdout + told.stderr)
        for client in clients.values():
            client.close()


ROUTES = (
    "/api/documents/{}", "/api/documents/{}/original", "/api/documents/{}/places?start=0&end=5", "/api/documents/{}/pages/1",
    "/api/documents/{}/corrections", "/api/items/{}-1", "/api/items/{}-2", "/api/similar?item={}-1", "/api/export?items={}-1",
)  # fmt: skip


@pytest.mark.parametrize("about", FORMS)
def test_no_text_and_no_original_is_shown_without_the_group(site: Site, about: str) -> None:
    form, word = FORMS[about], word_of(about)
    held = site.documents[form.name]
    for caller in ("none", "other", *(["inner"] if not form.group else [])):
        for route in ("/api/search", "/api/cases", "/api/ask", "/api/suggest", "/feed.atom", "/api/timeline"):
            asked = f"蟠龙水电站{word}号机组移民多少户"
            reply = site(caller, route, q=asked, topic=asked)
            assert reply.status_code < 500 and TELLS not in reply.text.replace(asked, ""), (caller, route)
        for document in held:
            for route in ROUTES:
                reply = site(caller, route.format(document))
                assert SECRET not in reply.text and reply.status_code < 500, (caller, route)
            assert site(caller, f"/api/documents/{document}/original").status_code == 404, caller
        shown = [one["id"] for one in site(caller, "/api/documents").json()["documents"] if one["id"] in held]
        assert bool(shown) is form.others, (caller, shown)


TELLS = "安置移民347户"


@pytest.mark.parametrize("about", FORMS)
def test_who_has_the_group_sees_it(site: Site, about: str) -> None:
    form = FORMS[about]
    for caller in ("all", *(["inner"] if form.group else [])):
        for document in site.documents[form.name]:
            assert site(caller, f"/api/documents/{document}").status_code == 200, caller
            assert site(caller, f"/api/documents/{document}/original").status_code == 200, caller


def test_what_others_may_see_of_such_a_file_is_found(site: Site) -> None:
    for about, form in FORMS.items():
        if form.others:
            hits = site("none", "/api/search", q=OPEN.format(word_of(about)), k=100).json()["hits"]
            assert any(hit["citation"]["file"].startswith(form.name) for hit in hits), about


def test_what_closes_is_reported(site: Site) -> None:
    for about, form in FORMS.items():
        if not form.group:
            assert form.name in site.told, about
    status = site("all", "/api/status").json()
    told = " ".join(f"{one['file']} {one['message']}" for one in status["warnings"])
    for about in ("a value of marks", "a formula without a value", "a broken line", "an attachment that cannot be read"):
        assert FORMS[about].name in told, about
    assert "厅里几个人" in site.told
