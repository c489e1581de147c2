"""The sample corpus is what its sources say, and the text files are made from them without a difference."""

from __future__ import annotations

import importlib.util
import re

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


def test_text_files_are_their_sources() -> None:
    for stem, name, encoding in (
        ("bulletin-2024-07", "简报/共富示例-2024年第7期.txt", "gb18030"),
        ("news-08", "新闻/示例新闻-08-云和木玩边角料变身学校教具.md", "utf-8"),
    ):
        source = (SAMPLES / f"{stem}.txt").read_bytes().decode()
        assert (DOCUMENTS / name).read_bytes().decode(encoding) == source


def test_every_source_has_its_document() -> None:
    specification = importlib.util.spec_from_file_location("make_documents", ROOT / "scripts" / "make_documents.py")
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    assert set(module.FORMATS) == {path.stem for path in SAMPLES.glob("*-*.txt")}
    assert len([path for path in DOCUMENTS.rglob("*") if path.is_file() and path.name != "README.md"]) == len(module.FORMATS)
