"""The sample corpus is what its sources say, and the text files are made from them without a difference."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from conftest import DOCUMENTS, ROOT

SAMPLES = ROOT / "scripts" / "samples"


def test_size_and_gaps() -> None:
    issues = sorted(int(path.stem[-2:]) for path in SAMPLES.glob("bulletin-*.txt"))
    assert issues == [1, 2, 3, 5, 6, 7, 8]  # 4 is missing on purpose
    items = sum(path.read_text(encoding="utf-8").count("\n▲") for path in SAMPLES.glob("bulletin-*.txt"))
    assert items == 62
    assert len(list(SAMPLES.glob("news-*.txt"))) == 9


def test_thirty_counties_contribute() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in SAMPLES.glob("bulletin-*.txt"))
    credits = {name for found in re.findall(r"（([^（）]+)供稿）", text) for name in found.split("、")}
    assert len([name for name in credits if re.search(r"[县市区]$", name)]) >= 30


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    specification = importlib.util.spec_from_file_location("make_documents", ROOT / "scripts" / "make_documents.py")
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_every_source_has_its_document(maker: ModuleType) -> None:
    assert set(maker.FORMATS) == {path.stem for path in SAMPLES.glob("*-*.txt")}
    documents = {path for path in DOCUMENTS.rglob("*") if path.is_file() and path.name != "README.md"}
    assert len(documents) == len(maker.FORMATS)


def test_documents_are_what_the_script_makes(maker: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All but the PDFs, which need the fonts."""
    monkeypatch.setattr(maker, "TARGET", tmp_path)
    for stem, form in maker.FORMATS.items():
        if not form.endswith("pdf"):
            made = maker.make(stem, form)
            assert made.read_bytes() == (DOCUMENTS / made.relative_to(tmp_path)).read_bytes()
