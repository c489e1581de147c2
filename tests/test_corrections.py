"""Corrections: on a document alone, through syncs and backups, undone, and out of sight of who may not see the document."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import pytest
from conftest import DOCUMENTS, ROOT, silent

from index.errors import Busy
from index.models.encoder import Encoder
from index.search.index import SearchIndex
from index.store.catalog import Catalog
from index.store.connections import lock_of
from index.store.corrections import as_read, corrections_of
from index.store.documents import document_of, list_unsure, warnings_of
from index.sync.corrections import correct, undo
from index.sync.mirror import sync
from index.upkeep.backup import backup, restore
from index.upkeep.verify import verify
from ingest.corrections import Correction, anchor_at, corrected, line_start
from ingest.document import UNSURE, Document
from ingest.passages import blocks_of, context_of, split
from ingest.read import read_document

ISSUE = "《浙里示例》2024年第7期"
LINES = [
    "浙里示例", "2024年第7期", "示例办公室编　2024年7月31日", "【市县交流】",
    "▲磐安县以“药乡积分”激发治理热情。磐安县推行积分制，312户农户参与，兑换物资1.2万元。", "（磐安县供稿）",
    "▲永嘉县公开招聘“职业经理人”。永嘉县面向全国发布公告，47人报名，11人签约。",
    "苍南县建设“渔港直播工坊”帮渔嫂变主播。苍南县培训渔嫂860人，带货1900万元。", "（苍南县供稿）",
    "▲泰顺县推行客货邮“预约响应”。泰顺县开通12条线路，服务群众3.4万人次。", "（泰顺县供稿）",
]  # fmt: skip
SECOND, SPLIT, LAST = "▲永嘉县公开招聘", "苍南县建设", "▲泰顺县推行"


@pytest.fixture
def issue(tmp_path: Path) -> Document:
    return read(tmp_path / "简报.txt")


def read(path: Path, lines: list[str] = LINES) -> Document:
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines), encoding="utf-8")
    return read_document(path, path.name)


def on(document: Document, kind: str, words: str = "", value: str = "") -> Correction:
    """Return a correction of the line that begins with these words."""
    anchor = anchor_at(document.text, document.text.index(words)) if words else Correction("date").anchor
    return Correction(kind, anchor, value)  # type: ignore[arg-type]


def titles(document: Document) -> list[str]:
    return [item.title[:3] for item in document.items]


def test_a_split_makes_an_item_of_a_line_and_a_merge_joins_two(issue: Document) -> None:
    assert titles(issue) == ["磐安县", "永嘉县", "泰顺县"]
    made, missing = corrected(issue, [on(issue, "split", SPLIT)])
    assert (titles(made), missing) == (["磐安县", "永嘉县", "苍南县", "泰顺县"], ())
    new = made.items[2]
    assert new.title == "苍南县建设“渔港直播工坊”帮渔嫂变主播"
    assert new.section == "市县交流" and new.passages[0].context == f"{ISSUE} 市县交流 {new.title}"
    assert [region.name for region in new.regions] == ["浙江省温州市苍南县"]
    assert "苍南县" not in str(made.items[1].regions) and [figure.value for figure in made.items[1].figures] == [47, 11]
    assert (made.items[0], made.items[3]) == (issue.items[0], issue.items[2])
    joined, missing = corrected(issue, [on(issue, "merge", LAST)])
    assert (titles(joined), missing) == (["磐安县", "永嘉县"], ())
    assert joined.items[1].contributors == ("苍南县", "泰顺县")
    assert joined.text[joined.items[1].start : joined.items[1].end].endswith("3.4万人次。")


def test_the_last_correction_of_a_border_counts(issue: Document) -> None:
    split_it, merge_it = on(issue, "split", SPLIT), on(issue, "merge", SPLIT)
    assert corrected(issue, [split_it, merge_it])[0].items == issue.items
    assert len(corrected(issue, [split_it, merge_it, split_it])[0].items) == 4


def test_titles_regions_and_dates_reach_the_context_line_and_the_facts(issue: Document) -> None:
    given = [
        on(issue, "title", SPLIT, "渔嫂直播"), on(issue, "split", SPLIT), on(issue, "regions", SPLIT, "浙江省温州市、浙江省"),
        on(issue, "document_title", value="《示例》专刊"), on(issue, "date", value="2025-01-02"),
    ]  # fmt: skip
    made, missing = corrected(issue, given)
    assert missing == ()
    assert (made.title, made.date, made.year) == ("《示例》专刊", "2025-01-02", 2024)  # the year of the issue stays
    assert made.items[2].title == "渔嫂直播" and {p.context for p in made.items[2].passages} == {
        "《示例》专刊 市县交流 渔嫂直播"
    }
    assert [region.name for region in made.items[2].regions] == ["浙江省温州市", "浙江省"]
    assert made.items[0].passages[0].context.startswith("《示例》专刊 市县交流 磐安县")
    assert corrected(issue, [])[0] is issue


def test_what_has_no_place_is_told_and_the_rest_applies(issue: Document, tmp_path: Path) -> None:
    given = [on(issue, "merge", LAST), on(issue, "split", SPLIT), on(issue, "title", LAST, "没有了")]
    assert corrected(issue, given)[1] == (given[2],)
    first = on(issue, "merge", "▲磐安县")
    outside = on(issue, "split", "浙里示例")
    assert corrected(issue, [first, outside]) == (issue, (first, outside))
    changed = read(tmp_path / "改.txt", [line.replace("泰顺县", "文成县") for line in LINES if "磐安" not in line])
    made, missing = corrected(changed, given)
    assert (titles(made), missing) == (["永嘉县", "苍南县", "文成县"], (given[0], given[2]))


def test_equal_lines_are_told_apart_by_those_before_them(tmp_path: Path) -> None:
    same = "▲磐安县办起食堂。老人每餐六元。"
    twice = read(tmp_path / "两次.txt", [*LINES[:4], same, "（磐安县供稿）", same, "（磐安县供稿）", *LINES[9:]])
    starts = [item.start for item in twice.items]
    anchors = [anchor_at(twice.text, start) for start in starts]
    assert len(starts) == 3 and [anchor.before for anchor in anchors] == [0, 1, 0]
    made, missing = corrected(twice, [Correction("merge", anchors[1])])
    assert ([item.start for item in made.items], missing) == ([starts[0], starts[2]], ())


def test_a_border_that_a_person_has_set_is_sure(tmp_path: Path) -> None:
    doubtful = read_document(ROOT / "tests" / "data" / "layouts" / "03-minsheng-kuaibao.pdf", "x.pdf")
    line = max(doubtful.doubts, key=lambda doubt: doubt.chance)
    kinds = ("split", "merge") if line.begins else ("merge", "split")
    for kind in kinds:
        made, _ = corrected(doubtful, [Correction(kind, anchor_at(doubtful.text, line.start))])  # type: ignore[arg-type]
        assert line not in made.doubts and made.certainty > doubtful.certainty
    every = [Correction("split" if d.begins else "merge", anchor_at(doubtful.text, d.start)) for d in doubtful.doubts]
    made, missing = corrected(doubtful, every)
    assert (made.items, made.doubts, made.certainty, missing) == (doubtful.items, (), 1.0, ())


SAMPLES = [
    *sorted((ROOT / "tests" / "data" / "layouts").glob("*.docx")), *sorted((ROOT / "tests" / "data" / "reading").glob("*.txt")),
    *sorted((DOCUMENTS / "新闻").glob("*.docx")),
]  # fmt: skip


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_no_passage_crosses_a_border_and_nothing_is_lost(path: Path) -> None:
    """Whatever is merged and split: every other item into the one before it, and every third line made an item."""
    document = read_document(path, path.name)
    for item in document.items:
        if not any(item.start < doubt.start < item.end for doubt in document.doubts):  # there passages were kept apart
            again = split(document.text, blocks_of(document.text, item), context_of(document.text, item))
            assert again == item.passages or joined(document.text, again) == joined(document.text, item.passages)
    heads = [line_start(document.text, item.start) for item in document.items]
    lines = [n for n in itertools.accumulate([0, *(len(line) + 1 for line in document.text.split("\n"))]) if n > heads[0]]
    given = [Correction("merge", anchor_at(document.text, head)) for head in heads[1::2]]
    given += [Correction("split", anchor_at(document.text, line)) for line in lines[::3] if line < len(document.text)]
    made, _ = corrected(document, given)
    assert joined(made.text, [p for item in document.items for p in item.passages]) <= joined(
        made.text, [p for item in made.items for p in item.passages]
    )
    for item, after in itertools.zip_longest(made.items, made.items[1:]):
        assert item.title is not None and item.start < item.end and (after is None or item.end <= after.start)
        assert all(item.start <= passage.start < passage.end <= item.end for passage in item.passages)
        assert sorted(item.passages, key=lambda passage: passage.start) == list(item.passages)


def joined(text: str, passages: object) -> set[int]:
    """Return the places of all characters in passages but line ends."""
    return {at for p in passages for at in range(p.start, p.end) if text[at] != "\n"}  # type: ignore[attr-defined]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    read(tmp_path / "documents" / "简报.txt")
    return tmp_path / "documents"


@pytest.fixture
def index(folder: Path, tmp_path: Path, tiny_encoder: Encoder) -> SearchIndex:
    catalog = Catalog(tmp_path / "data")
    sync(folder, catalog, tiny_encoder)
    return SearchIndex(catalog, tiny_encoder)


ID = Document("简报.txt", "bulletin", "", "").id


def stored(index: SearchIndex) -> Document:
    found = document_of(index.catalog, ID)
    assert found
    return found


def make(index: SearchIndex, *given: Correction, who: str = "王一示") -> None:
    for correction in given:
        assert correct(index.catalog, index.encoder, ID, correction, who)


def test_search_shows_a_correction_at_once_and_undoing_it_leaves_what_was_read(index: SearchIndex) -> None:
    before = stored(index)
    make(index, on(before, "split", SPLIT), on(before, "title", SPLIT, "渔嫂直播间"))
    (hit,) = [hit for hit in index.search("渔嫂直播间", 10).hits if "渔嫂860人" in hit.text]
    assert hit.citation.item == "渔嫂直播间" and "永嘉县面向全国" not in hit.text
    assert as_read(index.catalog, ID) == before and verify(index.catalog, silent).problems == []
    assert not correct(index.catalog, index.encoder, ID, on(before, "split", SPLIT), "又一次")  # it is so already
    first, second = corrections_of(index.catalog, ID)
    assert (first.made_by, first.undone_by, len(first.made_when)) == ("王一示", "", 16)
    assert undo(index.catalog, index.encoder, ID, first.number, "李二示")
    assert stored(index).warnings == (*before.warnings, "有 1 处更正找不到原来的位置：苍南县建设“渔港直播工坊”帮渔嫂变主播。…")
    assert undo(index.catalog, index.encoder, ID, second.number, "李二示")
    assert stored(index) == before and as_read(index.catalog, ID) is None
    assert [one.undone_by for one in corrections_of(index.catalog, ID)] == ["李二示", "李二示"]
    assert not undo(index.catalog, index.encoder, ID, second.number, "李二示")
    assert verify(index.catalog, silent).problems == []


def test_corrections_are_kept_when_the_file_changes_elsewhere_goes_and_comes_back(index: SearchIndex, folder: Path) -> None:
    make(index, on(stored(index), "split", SPLIT), on(stored(index), "merge", LAST))
    changed = [line.replace("312户", "318户") for line in LINES]
    read(folder / "简报.txt", [*changed[:4], "▲景宁县办起畲乡食堂。景宁县办食堂21家。", "（景宁县供稿）", *changed[4:]])
    report = sync(folder, index.catalog, index.encoder)
    assert (report.changed, report.warnings) == (1, [])
    assert titles(stored(index)) == ["景宁县", "磐安县", "永嘉县", "苍南县"]
    (folder / "简报.txt").rename(folder.parent / "away.txt")
    (folder / "别的.txt").write_text("食堂\n云溪县办起食堂。", encoding="utf-8")
    sync(folder, index.catalog, index.encoder)
    assert document_of(index.catalog, ID) is None and len(corrections_of(index.catalog, ID)) == 2
    assert verify(index.catalog, silent).problems == []
    (folder.parent / "away.txt").rename(folder / "简报.txt")
    report = sync(folder, index.catalog, index.encoder)
    assert titles(stored(index)) == ["景宁县", "磐安县", "永嘉县", "苍南县"]
    assert sync(folder, index.catalog, index.encoder).unchanged == 2


def test_a_correction_without_a_place_is_a_warning_of_each_sync_that_reads_the_file(index: SearchIndex, folder: Path) -> None:
    make(index, on(stored(index), "split", SPLIT))
    read(folder / "简报.txt", [line.replace("苍南县", "文成县") for line in LINES])
    report = sync(folder, index.catalog, index.encoder)
    message = "有 1 处更正找不到原来的位置：苍南县建设“渔港直播工坊”帮渔嫂变主播。…"
    assert report.warnings == [{"file": "简报.txt", "message": message}] == warnings_of(index.catalog, 10)
    read(folder / "简报.txt")
    assert sync(folder, index.catalog, index.encoder).warnings == [] and titles(stored(index))[2] == "苍南县"


def test_a_backup_holds_the_corrections_and_what_was_read(index: SearchIndex, tmp_path: Path, tiny_encoder: Encoder) -> None:
    before = stored(index)
    make(index, on(before, "split", SPLIT))
    backup(index.catalog, tmp_path / "b", silent)
    restored = restore(tmp_path / "b", tmp_path / "elsewhere", silent)
    assert verify(restored, silent).problems == [] and titles(document_of(restored, ID) or before)[2] == "苍南县"
    (one,) = corrections_of(restored, ID)
    assert undo(restored, tiny_encoder, ID, one.number, "") and document_of(restored, ID) == before


@pytest.mark.parametrize("table", ["corrections", "as_read"])
def test_verify_notices_damage(index: SearchIndex, table: str) -> None:
    make(index, on(stored(index), "split", SPLIT))
    with index.catalog.connect() as db:
        db.execute(f"UPDATE {table} SET {'words' if table == 'corrections' else 'record'} = '坏'")
    (problem,) = verify(index.catalog, silent).problems
    assert "更正" in problem.what and problem.mend == "jianbao restore 备份文件"


def test_who_may_not_see_a_document_sees_no_corrections_of_it(index: SearchIndex) -> None:
    make(index, on(stored(index), "split", SPLIT))
    with index.catalog.writing():
        index.catalog.regroup({"内部": [""]})
    seen, inner = (index.visible_to(groups).catalog for groups in (frozenset[str](), frozenset({"内部"})))
    assert (corrections_of(seen, ID), as_read(seen, ID)) == ([], None)
    assert len(corrections_of(inner, ID)) == 1 and as_read(inner, ID)
    index.catalog.forget("简报.txt")
    assert corrections_of(inner, ID) == [] and len(corrections_of(index.catalog, ID)) == 1


def test_nobody_corrects_while_another_process_writes(index: SearchIndex) -> None:
    before = stored(index)
    with lock_of(index.catalog.path, wait=0), pytest.raises(Busy):
        make(index, on(before, "split", SPLIT))
    assert stored(index) == before and corrections_of(index.catalog, ID) == []


def test_a_sync_names_the_documents_to_look_at_first_and_so_does_the_catalog(index: SearchIndex, folder: Path) -> None:
    for name in ("17-santaizi-kuaixun.docx", "10-dianshang-fayan.txt", "08-zhengwu-fuwu.html"):
        shutil.copy(ROOT / "tests" / "data" / "layouts" / name, folder / name)
    report = sync(folder, index.catalog, index.encoder).as_json()
    assert [one["file"] for one in report["unsure"]] == ["17-santaizi-kuaixun.docx", "10-dianshang-fayan.txt"]
    least = report["unsure"][0]
    assert least["certainty"] < UNSURE and len(least["lines"]) > 1 and least["lines"][0]["chance"] > least["lines"][1]["chance"]
    assert least["lines"][0].keys() == {"text", "pages", "begins", "chance"}
    assert all(0 < len(line["text"]) <= 30 for line in least["lines"])
    listed = list_unsure(index.catalog)
    assert [one["id"] for one in listed] == [one["id"] for one in report["unsure"]]
    assert listed[0].keys() == {"id", "file", "title", "certainty", "doubts"} and listed[0]["doubts"] > 1
    assert sync(folder, index.catalog, index.encoder).unsure == []  # nothing was read
    with index.catalog.writing():
        index.catalog.regroup({"内部": ["17-santaizi-kuaixun.docx"]})
    assert [one["file"] for one in list_unsure(index.visible_to(frozenset()).catalog)] == ["10-dianshang-fayan.txt"]
    with index.catalog.connect() as db:
        plan = str(
            db.execute("EXPLAIN QUERY PLAN SELECT id FROM documents WHERE json_extract(record, '$.certainty') < 0.9").fetchall()
        )
    assert "documents_by_certainty" in plan
