"""The same file under two names, and the same item printed twice: found once, with all places."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from index.models.encoder import Encoder
from index.search.hits import Hit
from index.search.index import SearchIndex
from index.store.catalog import Catalog
from index.sync.mirror import sync

ITEM = """▲{place}打造“共享食堂”解决老人吃饭难。{place}针对留守老人做饭难、吃饭难的问题，利用闲置校舍建成共享食堂{number}家，
由村里的能人掌勺，每餐只收老人五元，不足部分由村集体和乡贤基金补上。食堂还送餐上门，为行动不便的老人解决后顾之忧，
并把就餐情况每月公示，接受村民监督。（{place}供稿）"""
ISSUE = """{series}
2024年第{issue}期
某省办公室  2024年{issue}月9日
{items}
"""
OTHER = (
    "▲德清县开通乡村物流专线。德清县整合客运和邮政资源，开通乡村物流专线12条，"
    "村民网购当天可取，农产品出村进城更快了。（德清县供稿）"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    write(folder / "甲.txt", "山海简报", 3, "安吉县", 48)
    return folder


def write(path: Path, series: str, issue: int, place: str, number: int) -> None:
    items = ITEM.replace("\n", "").format(place=place, number=number) + "\n" + OTHER.replace("12条", f"{issue}条")
    path.write_text(ISSUE.format(series=series, issue=issue, items=items))


def found(catalog: Catalog, encoder: Encoder) -> list[Hit]:
    hits = SearchIndex(catalog, encoder).search("共享食堂老人吃饭", 10).hits
    return [hit for hit in hits if "共享食堂" in hit.citation.item]


def test_a_copy_is_indexed_once(folder: Path, tmp_path: Path, tiny_encoder: Encoder) -> None:
    shutil.copy(folder / "甲.txt", folder / "副本.txt")
    catalog = Catalog(tmp_path / "data")
    report = sync(folder, catalog, tiny_encoder)
    assert (report.added, report.items, catalog.counts()["documents"]) == (2, 2, 1)
    (hit,) = found(catalog, tiny_encoder)
    assert (hit.citation.file, hit.citation.also) == ("副本.txt", ("文件 甲.txt",))
    report = sync(folder, catalog, tiny_encoder)
    assert (report.unchanged, report.changed) == (2, 0)


def test_a_copy_takes_the_place_of_a_removed_file(folder: Path, tmp_path: Path, tiny_encoder: Encoder) -> None:
    shutil.copy(folder / "甲.txt", folder / "副本.txt")
    catalog = Catalog(tmp_path / "data")
    sync(folder, catalog, tiny_encoder)
    (folder / "副本.txt").unlink()
    report = sync(folder, catalog, tiny_encoder)
    assert (report.removed, report.items) == (1, 2)
    (hit,) = found(catalog, tiny_encoder)
    assert (hit.citation.file, hit.citation.also) == ("甲.txt", ())


def test_a_reprinted_item_is_found_once_with_both_places(folder: Path, tmp_path: Path, tiny_encoder: Encoder) -> None:
    write(folder / "转载.txt", "综合信息", 5, "安吉县", 48)
    catalog = Catalog(tmp_path / "data")
    report = sync(folder, catalog, tiny_encoder)
    assert report.items == 3
    (hit,) = found(catalog, tiny_encoder)
    assert hit.citation.series in ("山海简报", "综合信息")
    other = {"山海简报": "《综合信息》2024年第5期", "综合信息": "《山海简报》2024年第3期"}[hit.citation.series]
    assert len(hit.citation.also) == 1 and hit.citation.also[0].startswith(other)


def test_a_reprint_takes_the_place_of_the_item_it_reprints(folder: Path, tmp_path: Path, tiny_encoder: Encoder) -> None:
    catalog = Catalog(tmp_path / "data")
    sync(folder, catalog, tiny_encoder)
    index = SearchIndex(catalog, tiny_encoder)
    index.refresh()
    write(folder / "转载.txt", "综合信息", 5, "安吉县", 48)
    sync(folder, catalog, tiny_encoder)
    (folder / "甲.txt").unlink()
    sync(folder, catalog, tiny_encoder)
    hits = [hit for hit in index.search("共享食堂老人吃饭", 10).hits if "共享食堂" in hit.citation.item]
    assert [(hit.citation.file, hit.citation.also) for hit in hits] == [("转载.txt", ())]


def test_a_filter_that_a_reprint_meets_finds_its_item(folder: Path, tmp_path: Path, tiny_encoder: Encoder) -> None:
    write(folder / "转载.txt", "综合信息", 5, "安吉县", 48)
    catalog = Catalog(tmp_path / "data")
    sync(folder, catalog, tiny_encoder)
    index = SearchIndex(catalog, tiny_encoder)
    for conditions in ({"until": "2024-03-31"}, {"since": "2024-04-01"}):
        assert len([hit for hit in index.search("共享食堂", 10, conditions).hits if "共享食堂" in hit.citation.item]) == 1


def test_a_short_text_in_an_archive_and_beside_it_is_one(folder: Path, tmp_path: Path, tiny_encoder: Encoder) -> None:
    text = "夜校开课通知\n各村居：\n夜校定于下周三晚上七点开课，请通知学员带好纸笔准时参加，课后有班车送回。"
    (folder / "通知.txt").write_text(text)
    with zipfile.ZipFile(folder / "材料.zip", "w") as archive:
        archive.writestr("甲/通知.txt", text)
    catalog = Catalog(tmp_path / "data")
    assert sync(folder, catalog, tiny_encoder).items == 3
    hits = SearchIndex(catalog, tiny_encoder).search("夜校开课班车", 10).hits
    assert len([hit for hit in hits if "夜校" in hit.text]) == 1


@pytest.mark.parametrize(("place", "number"), [("安吉县", 96), ("长兴县", 48)])
def test_other_figures_or_another_county_make_another_item(
    folder: Path, tmp_path: Path, tiny_encoder: Encoder, place: str, number: int
) -> None:
    write(folder / "乙.txt", "综合信息", 5, place, number)
    catalog = Catalog(tmp_path / "data")
    assert sync(folder, catalog, tiny_encoder).items == 4
    assert len(found(catalog, tiny_encoder)) == 2
