"""Themes: items of like meaning form them, titles name them, periods count them, and callers see only what is visible."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import CACHE

from cases.themes import KnownThemes, Themes, themes_of
from index.models.encoder import Encoder
from index.search.index import SearchIndex
from index.store.catalog import Catalog
from index.sync.mirror import sync
from service.actions.themes import themes_form

FOOD = "{}县把老年食堂办到村口，厨师集中做饭，老人每餐付六元，送餐到家，一年服务老人{}人次。"
POWER = "{}县在屋顶装光伏发电，村集体出租屋顶，电费收入分给农户，一年发电{}万度。"
NAMES = ["云溪", "青禾", "东岭", "西坞", "南屏", "北渚"]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchIndex]:
    tmp = tmp_path_factory.mktemp("themes")
    folder, catalog, encoder = tmp / "documents", Catalog(tmp / "data"), Encoder("", CACHE)
    (folder / "内部").mkdir(parents=True)
    for number, name in enumerate(NAMES):
        for what, text, year in (("食堂送餐", FOOD, 2021 + number // 2), ("屋顶光伏", POWER, 2023)):
            file = folder / ("内部" if what == "屋顶光伏" and number > 3 else "") / f"{name}{what}.txt"
            file.write_text(
                f"{name}县{what}情况\n{year}年5月{number + 1}日\n{text.format(name, 1200 + number)}", encoding="utf-8"
            )
    with catalog.writing():
        catalog.regroup({"内部": ["内部"]})
    sync(folder, catalog, encoder)
    yield SearchIndex(catalog, encoder)


def by_word(found: Themes, word: str) -> tuple[int, tuple[int, ...], str]:
    (theme,) = (theme for theme in found.themes if any(word in name for name in theme.names))
    return len(theme.items), theme.counts, theme.trend


def test_items_of_like_meaning_are_one_theme_with_its_years(index: SearchIndex) -> None:
    found = themes_of(index, {})
    assert (found.periods, found.items) == (("2021", "2022", "2023"), 12)
    assert by_word(found, "光伏") == (6, (0, 0, 6), "growing")
    assert by_word(found, "食堂") == (6, (2, 2, 2), "fading")
    assert all(name not in "".join(names) for names in (theme.names for theme in found.themes) for name in NAMES)
    assert themes_of(index, {"year": "2021"}).themes == ()  # too few


def test_callers_have_the_themes_of_what_they_see(index: SearchIndex) -> None:
    known = KnownThemes()
    assert by_word(known.of(index, {}), "光伏")[0] == 6
    seen = known.of(index.visible_to(frozenset()), {})
    assert by_word(seen, "光伏")[0] == 4 and seen.items == 10
    assert known.of(index, {}) is known.of(index, {})


def test_the_form_names_the_newest_cases(index: SearchIndex) -> None:
    form = themes_form(themes_of(index, {}))
    assert {theme["total"] for theme in form["themes"]} == {6}
    assert form["themes"][0]["cases"][0]["date"] >= form["themes"][0]["cases"][-1]["date"]


def test_an_empty_index_has_none(tmp_path: Path) -> None:
    assert themes_of(SearchIndex(Catalog(tmp_path), Encoder("", CACHE)), {}) == Themes((), (), 0)
