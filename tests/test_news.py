"""An article comes out with its title, source, reporter, date, subheads and captions."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import DOCUMENTS, shared

from ingest.document import Document
from ingest.read import read_document

PARAGRAPH = (
    "示例县的村民把闲置的晒谷场收拾出来，办起了共享食堂，六十岁以上的老人花五元钱就能吃上一顿热饭，这样的食堂全县已有三十家。"
)


def article(tmp_path: Path, *lines: str) -> Document:
    path = tmp_path / "article.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    return read_document(path, path.name)


def captions(document: Document) -> list[str]:
    return [document.text[p.start : p.end] for p in document.items[0].passages if p.role == "caption"]


def test_form_of_an_article(tmp_path: Path) -> None:
    read = article(
        tmp_path,
        "晒谷场办起食堂",
        "来源：示例日报 记者：张示 2024-05-06",
        PARAGRAPH,
        "小食堂的大账本",
        PARAGRAPH,
        "老人在用餐。李例供图。",
    )
    assert (read.kind, read.title, read.source, read.reporter, read.date) == (
        "news",
        "晒谷场办起食堂",
        "示例日报",
        "张示",
        "2024-05-06",
    )
    assert read.items[0].subheads == ("小食堂的大账本",)
    assert captions(read) == ["老人在用餐。李例供图。"]
    assert read.items[0].passages[1].context == "示例日报 晒谷场办起食堂 小食堂的大账本"


@pytest.mark.parametrize(
    ("line", "source", "reporter", "date"),
    [
        ("示例新闻客户端 记者 王一示 通讯员 李示例", "示例新闻客户端", "王一示", ""),
        ("示例新闻客户端记者王一示", "示例新闻客户端", "王一示", ""),
        ("示例晚报 2024年9月6日 记者 钱例", "示例晚报", "钱例", "2024-09-06"),
        ("2024年4月18日 来源：示例农业周刊 作者：冯示例", "示例农业周刊", "冯示例", "2024-04-18"),
        ("示例电视台 记者 陈样 摄像 褚例 2024/9/26", "示例电视台", "陈样", "2024-09-26"),
        ("本报记者 卫示 蒋样 《示例观察》2024年5月21日第3版", "示例观察", "卫示、蒋样", "2024-05-21"),
        ("示例快讯 2024/11/08", "示例快讯", "", "2024-11-08"),
        ("来源：示例日报 2024-05-06", "示例日报", "", "2024-05-06"),
    ],
)
def test_source_lines(tmp_path: Path, line: str, source: str, reporter: str, date: str) -> None:
    read = article(tmp_path, "晒谷场办起食堂", line, PARAGRAPH, PARAGRAPH)
    assert (read.source, read.reporter, read.date) == (source, reporter, date)


@pytest.mark.parametrize(
    "title",
    ["记者观察：稻田里的新职业", "某省集多部门之力连续三年持续推进共富工坊建设，推动农民增收、企业增效、集体增富、社会增和谐"],
)
def test_titles_that_look_like_something_else(tmp_path: Path, title: str) -> None:
    read = article(tmp_path, title, "来源：示例日报 2024-05-06", PARAGRAPH, PARAGRAPH)
    assert (read.kind, read.title, read.source, read.reporter) == ("news", title, "示例日报", "")


def test_editor_line_is_no_passage(tmp_path: Path) -> None:
    read = article(tmp_path, "晒谷场办起食堂", "来源：示例日报", PARAGRAPH, "（责任编辑：孙示）")
    assert all("孙示" not in read.text[p.start : p.end] for p in read.items[0].passages)


def test_seed_article() -> None:
    path = shared("seeds", "chaoxinwen-gongfu-workshops.txt")
    read = read_document(path, path.name)
    assert (read.kind, read.source, read.reporter) == ("news", "潮新闻客户端", "张熙锦")
    assert read.items[0].subheads == ("万家工坊开花结果", "打响工坊特色品牌", "持续深化扩大效应")
    assert [caption[-3:] for caption in captions(read)] == ["供图。", "供图。"]
    assert read.warnings == ("没有找到标题，以正文第一句代替",)


def test_a_saved_page_leaves_out_navigation() -> None:
    path = next((DOCUMENTS / "新闻").glob("*-02-*.html"))
    read = read_document(path, path.name)
    assert (read.title, read.source, read.reporter) == ("158家工坊织出山里人的好日子", "示例日报", "赵样")
    assert read.items[0].subheads == ("订单从哪里来", "经纪人的小本子", "从计件工到老师傅")
    assert "首页" not in read.text
    assert "网站地图" not in read.text


@pytest.mark.parametrize("charset", ["hex", "utf-16", "no-such-thing"])
def test_a_page_with_a_false_declaration(tmp_path: Path, charset: str) -> None:
    page = f"<html><head><meta charset={charset}></head><body><article><p>{'老人就近吃饭。' * 20}</p></article></body></html>"
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    assert "老人就近吃饭" in read_document(tmp_path / "page.html", "page.html").text


def test_a_page_in_another_encoding(tmp_path: Path) -> None:
    body = f"<article><p>{'老人就近吃飯。' * 20}</p></article>"
    page = f"<html><head><meta charset=big5><title>曬穀場</title></head><body>{body}</body></html>"
    (tmp_path / "big5.html").write_bytes(page.encode("big5"))
    assert "老人就近吃飯" in read_document(tmp_path / "big5.html", "big5.html").text


def test_tables_of_a_real_page_are_kept() -> None:
    path = next(shared("gov_html").glob("08_*"))
    read = read_document(path, path.name)
    assert read.title.startswith("广州市卫生健康委等4部门关于印发推进广州市家庭医生签约服务高质量发展实施方案")
    assert len(read.text) > 16000


def test_real_pages_are_read() -> None:
    for path in [*shared("gov_html").iterdir(), *shared("cctv_html").iterdir()]:
        read = read_document(path, path.name)
        assert read.title
        assert len(read.text) > 100
        assert read.kind != "bulletin"  # guides, notices and reports: numbered parts are no items of an issue


@pytest.mark.parametrize(
    ("head", "body", "date"),
    [
        ('<meta name="PubDate" content="2024-03-09 10:22">', "", "2024-03-09"),
        ('<meta name="PubDate" content="2024-03">', "", ""),
        ("", "<p>Copyright © 2019-2023 某县人民政府</p>", ""),
        ("", "<p>本办法自2022年11月起施行。</p>", ""),
        ("", "<p>2024年3月5日</p>", "2024-03-05"),
    ],
)
def test_the_date_of_a_page_is_never_made_up(tmp_path: Path, head: str, body: str, date: str) -> None:
    page = f"<html><head><meta charset='utf-8'><title>共享食堂办到家门口</title>{head}</head><body><h1>共享食堂办到家门口</h1>"
    page += (
        f"<p>云溪县把闲置的晒谷场收拾出来，办起了共享食堂，六十岁以上的老人花五元钱就能吃上一顿热饭。</p>{body}</body></html>"
    )
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    assert read_document(tmp_path / "page.html", "page.html").date == date
