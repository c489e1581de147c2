"""Fixtures: a tiny real encoder, the sample corpus indexed with the bundled encoder, a real server over it, a real browser."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from tiny_model import tiny_model

from index.models.encoder import Encoder
from index.search.index import SearchIndex
from index.store.catalog import Catalog
from index.sync.intake import SyncReport
from index.sync.mirror import sync
from service.keys.registry import Keys
from service.settings import read_settings

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = ROOT / "documents"
SHARED = ROOT.parent / "shared" / "data"
JIANBAO = str(Path(sys.executable).with_name("jianbao"))
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
CACHE = read_settings({}).cache


def shared(*parts: str) -> Path:
    """Return a path of the real material, or skip the test where it is not there."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"needs the real material: {'/'.join(parts)}")
    return path


def jianbao(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([JIANBAO, *arguments], capture_output=True, text=True, env={**os.environ, **environment}, timeout=300)


def silent(_message: str) -> None:
    """Hear how far something is, and say nothing."""


@pytest.fixture(scope="session", name="tiny_model")
def saved_tiny_model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A real SentenceTransformer on disk: the mean of one fixed random vector per character."""
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "scripts" / "samples").glob("*.txt")]
    return tiny_model(tmp_path_factory.mktemp("tiny-model"), texts)


@pytest.fixture
def tiny_encoder(tiny_model: str) -> Encoder:
    return Encoder(tiny_model, CACHE)


@pytest.fixture(scope="session")
def bundled_encoder() -> Encoder:
    return Encoder("", CACHE)


@pytest.fixture(scope="session")
def sample_data(tmp_path_factory: pytest.TempPathFactory, bundled_encoder: Encoder) -> tuple[Path, SyncReport]:
    """A data folder with documents/ indexed by the bundled encoder, and the report of that sync."""
    data = tmp_path_factory.mktemp("sample-data")
    return data, sync(DOCUMENTS, Catalog(data), bundled_encoder)


@pytest.fixture(scope="session")
def sample_index(sample_data: tuple[Path, SyncReport], bundled_encoder: Encoder) -> SearchIndex:
    index = SearchIndex(Catalog(sample_data[0]), bundled_encoder)
    index.refresh()
    return index


def without_keys(data: Path) -> None:
    """Leave a file in which nobody ever had a key; were it away, a server that had some would let nobody in."""
    with suppress(FileNotFoundError):
        (data / "access.sqlite").unlink()
    Keys(data).create("gone", "search", [])
    with sqlite3.connect(data / "access.sqlite") as db:
        db.execute("DELETE FROM keys")


@contextmanager
def serving(data: Path, **environment: str) -> Iterator[str]:
    """Run a real server over a data folder and give its address; what it printed is shown when it dies."""
    command, env = [JIANBAO, "--data", str(data), "serve", "--port", "0"], {**os.environ, **environment}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env) as process:
        assert process.stdout
        printed: list[str] = []
        for line in process.stdout:
            printed.append(line)
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                break
        else:
            pytest.fail("the server ended before it was ready:\n" + "".join(printed))
        threading.Thread(target=process.stdout.read, daemon=True).start()  # its log would fill the pipe, and then it would wait
        try:
            yield found[0]
        finally:
            process.terminate()
            process.wait(timeout=20)


@pytest.fixture(scope="session")
def server(sample_data: tuple[Path, SyncReport]) -> Iterator[str]:
    """The address of a real server over the sample corpus, without keys."""
    with serving(sample_data[0]) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("needs Chromium at /usr/bin/chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def expected() -> list[str]:
    """Parts of what the browser's console may say in a test; nothing unless the test adds to it."""
    return []


@pytest.fixture
def page(browser: Browser, expected: list[str]) -> Iterator[Page]:
    """A page in a browser without a past; its console must be empty at the end."""
    with browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 800}) as context:
        said: list[str] = []
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        yield page
        assert [line for line in said if not any(part in line for part in expected)] == []
