"""OFD, tables and corpora, archives, mails, Word's lists, encodings and old formats, each as a real file."""

from __future__ import annotations

import json
import struct
import zipfile
from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import openpyxl
import pytest
from docx import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from ingest.budget import Budget
from ingest.document import Skipped
from ingest.errors import Spent, Unreadable
from ingest.extracted import Extracted
from ingest.formats.archive import unpack
from ingest.formats.docx import read_docx
from ingest.formats.legacy import read_legacy
from ingest.formats.mail import attachments, read_mail
from ingest.formats.ofd import read_ofd
from ingest.formats.plaintext import decode
from ingest.formats.records import read_records
from ingest.formats.webpage import read_webpage

WORDS = "某县推广稻渔综合种养两千余亩惠及一千二百余户农户人均增收三千元带动就业五百人"
OFD = 'xmlns:ofd="http://www.ofdspec.org/2016"'
Texts = list[tuple[float, float, str]]  # millimetres from the left and the top, and what stands there


def texts(original: Extracted) -> list[str]:
    return [paragraph.text for paragraph in original.paragraphs]


def forms(original: Extracted) -> list[tuple[str, str]]:
    return [(paragraph.form, paragraph.text) for paragraph in original.paragraphs]


def ofd_page(pieces: Texts, extra: str = "", template: int = 0) -> str:
    objects = "".join(
        f'<ofd:TextObject ID="{n}" Boundary="{x} {y} 150 5" Font="1" Size="4">'
        f'<ofd:TextCode X="0" Y="4" DeltaX="g {len(text) - 1} 4">{text}</ofd:TextCode></ofd:TextObject>'
        for n, (x, y, text) in enumerate(pieces, 10)
    )
    below = f'<ofd:Template TemplateID="{template}"/>' if template else ""
    return f'<ofd:Page {OFD}>{below}<ofd:Content><ofd:Layer ID="2">{objects}{extra}</ofd:Layer></ofd:Content></ofd:Page>'


def write_ofd(
    path: Path,
    *pages: str,
    title: str = "",
    info: str = "",
    templates: Mapping[int, str] | None = None,
    parts: Mapping[str, str | bytes] | None = None,
) -> Path:
    listed = "".join(f'<ofd:Page ID="{n}" BaseLoc="Pages/{n}.xml"/>' for n in range(len(pages)))
    box = "<ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea>"
    body = f"<ofd:DocInfo><ofd:Title>{title}</ofd:Title>{info}</ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("OFD.xml", f'<ofd:OFD {OFD} Version="1.0"><ofd:DocBody>{body}</ofd:DocBody></ofd:OFD>')
        below = "".join(f'<ofd:TemplatePage ID="{n}" BaseLoc="{file}"/>' for n, file in (templates or {}).items())
        document = f"<ofd:CommonData>{box}{below}</ofd:CommonData><ofd:Pages>{listed}</ofd:Pages>"
        package.writestr("Doc_0/Document.xml", f"<ofd:Document {OFD}>{document}</ofd:Document>")
        for number, page in enumerate(pages):
            package.writestr(f"Doc_0/Pages/{number}.xml", page)
        for name, data in (parts or {}).items():
            package.writestr(name, data)
    return path


def test_ofd_joins_lines_and_keeps_rows_and_pages(tmp_path: Path) -> None:
    first = ofd_page([
        (38, 40, WORDS[:20]), (30, 48, WORDS[:22]), (30, 56, WORDS[:9] + "。"),
        (38, 64, "下面是各县的数字。"), (30, 80, "县"), (80, 80, "家数"), (30, 88, "缙云县"), (80, 88, "126"),
    ])  # fmt: skip
    twice = ofd_page([(38, 40, "第二页的话。"), (38.2, 40, "第二页的话。"), (400, 40, "看不见")])
    original = read_ofd(write_ofd(tmp_path / "a.ofd", first, twice, title="稻渔共生的做法"))
    assert forms(original) == [
        ("", WORDS[:20] + WORDS[:22] + WORDS[:9] + "。"), ("", "下面是各县的数字。"),
        ("row", "县 | 家数"), ("row", "缙云县 | 126"), ("", "第二页的话。"),
    ]  # fmt: skip
    assert [paragraph.page for paragraph in original.paragraphs] == [1, 1, 1, 1, 2]
    assert (original.title, original.warnings) == ("稻渔共生的做法", ())


def test_ofd_columns_and_characters_written_one_by_one(tmp_path: Path) -> None:
    lines = [WORDS[n : n + 18] for n in (0, 5, 10, 15, 2)]
    columns = [(x + 4 * n, 40 + 8 * y, c) for x in (20, 110) for y, line in enumerate(lines) for n, c in enumerate(line)]
    original = read_ofd(write_ofd(tmp_path / "a.ofd", ofd_page(columns), title="材料.docx"))
    assert ("".join(texts(original)), original.title) == ("".join(lines) * 2, "")


def test_ofd_pages_that_fail_or_are_pictures_are_told(tmp_path: Path) -> None:
    picture = ofd_page([], '<ofd:ImageObject ID="9" Boundary="0 0 210 297" ResourceID="4"/>')
    original = read_ofd(write_ofd(tmp_path / "a.ofd", ofd_page([(30, 40, "好的一页。")]), "<broken", picture))
    assert texts(original) == ["好的一页。"]
    assert original.warnings == ("第 2 页读不出来，内容缺失", "第 3 页只有图片，图片里的文字没有读", "有 1 张图片没有读")
    with pytest.raises(Unreadable, match="第 1 页只有图片.*另存为 PDF"):
        read_ofd(write_ofd(tmp_path / "scan.ofd", picture))


@pytest.mark.parametrize(("data", "reason"), [(b"", "空的"), (b"%PDF-1.7", "不是 OFD"), (b"PK\x05\x06" + bytes(18), "打不开")])
def test_ofd_that_is_none(tmp_path: Path, data: bytes, reason: str) -> None:
    (tmp_path / "a.ofd").write_bytes(data)
    with pytest.raises(Unreadable, match=reason):
        read_ofd(tmp_path / "a.ofd")


def test_jsonl_of_a_corpus_works_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    lines = [{"_id": "d1", "title": "标题", "text": "一段。\n两段。", "metadata": {}}, {"_id": "d2", "text": ""}]
    lines += [
        {
            "_id": "d1",
            "text": "又一篇。",
            "作者": "张三",
            "时间": "2024/5/6 10:00",
            "标签": ["水利", "农业"],
            "link": "http://a",
        }
    ]
    path.write_text("\n".join([json.dumps(lines[0]), "{坏的", *map(json.dumps, lines[1:])]), encoding="utf-8")
    first, second = read_records(path, path.suffix)
    assert (first.name, first.extracted.title, texts(first.extracted)) == ("d1", "标题", ["一段。", "两段。"])
    assert (second.name, second.extracted.url, texts(second.extracted)) == ("d1-4", "http://a", ["又一篇。", "标签：水利 农业"])
    assert (second.extracted.date, second.extracted.reporter) == ("2024-05-06", "张三")
    assert (first.extracted.warnings, second.extracted.warnings) == ((), ("第 2 行不是 JSON，已跳过",))


def test_jsonl_without_a_good_line(tmp_path: Path) -> None:
    (tmp_path / "bad.ndjson").write_text("{\n[1]\n\n")
    with pytest.raises(Unreadable, match="第 1、2 行不是 JSON"):
        list(read_records(tmp_path / "bad.ndjson", ".ndjson"))
    (tmp_path / "other.jsonl").write_text('{"标题": "没有正文"}\n')
    with pytest.raises(Unreadable, match="正文那一列"):
        list(read_records(tmp_path / "other.jsonl", ".jsonl"))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_csv_of_articles(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "新闻.csv"
    path.write_text(
        '标题;正文;发布日期;媒体;栏目\r\n甲;"第一段；\n第二段。";2024年5月6日;示例日报;要闻\r\n乙;;;;\r\n', encoding=encoding
    )
    (record,) = read_records(path, path.suffix)
    assert (record.name, texts(record.extracted)) == ("2", ["第一段；", "第二段。", "栏目：要闻"])
    assert (record.extracted.title, record.extracted.date, record.extracted.source) == ("甲", "2024-05-06", "示例日报")


def test_csv_without_texts_is_one_table(tmp_path: Path) -> None:
    (tmp_path / "家数.csv").write_text("县\t家数\t备注\n缙云县\t126\t\n景宁县\t\t新\n", encoding="utf-16")
    (record,) = read_records(tmp_path / "家数.csv", ".csv")
    assert (record.name, record.extracted.title) == ("家数", "家数")
    assert forms(record.extracted) == [("row", "县 | 家数 | 备注"), ("row", "缙云县 | 126"), ("row", "景宁县 |  | 新")]


def test_every_sheet_of_a_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    articles, table = book.active, book.create_sheet("收入")
    articles.append(["2024年稿件汇总"])
    articles.append(["序号", "题目", "内容", "日期", "人数", None])
    articles.merge_cells("E2:F2")
    articles.append([7, "甲", "一篇。", datetime(2024, 5, 6), 0.1 + 0.2, 30])
    for row in (["县", "收入", None], ["", 2023, 2024], ["缙云县", 1.5, 2]):
        table.append(row)
    table.merge_cells("B1:C1")
    book.save(tmp_path / "a.xlsx")
    article, sheet = read_records(tmp_path / "a.xlsx", ".xlsx")
    assert (article.name, article.extracted.title, article.extracted.date) == ("7", "甲", "2024-05-06")
    assert texts(article.extracted) == ["一篇。", "人数：0.3", "人数：30"]
    assert (sheet.name, sheet.extracted.title) == ("收入", "收入")
    assert forms(sheet.extracted) == [("row", "县 | 收入2023 | 收入2024"), ("row", "缙云县 | 1.5 | 2")]


def test_a_damaged_workbook(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"\xd0\xcf\x11\xe0")
    with pytest.raises(Unreadable, match="另存为 .xlsx"):
        list(read_records(tmp_path / "a.xlsx", ".xlsx"))


def rewritten(path: Path, *changes: tuple[bytes, bytes]) -> Path:
    data = path.read_bytes()
    for old, new in changes:
        data = data.replace(old, new)
    path.write_bytes(data)
    return path


def test_names_of_a_zip(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        for name in ("XXXXXXXX/YYYY.txt", "../../上级.txt", "__MACOSX/a.txt", ".隐藏.txt", "夹/~$a.docx", "内.zip"):
            made.writestr(name, "内容")
    gbk = rewritten(tmp_path / "a.zip", (b"XXXXXXXX/YYYY", "简报资料/誠信".encode("gbk")))
    (tmp_path / "out").mkdir()
    names, files = [], []
    for found in unpack(gbk, tmp_path / "out", Budget()):
        assert not isinstance(found, Skipped)
        names.append(found[0])
        files.append((found[1].relative_to(tmp_path).as_posix(), found[1].read_text()))
    assert names == ["简报资料/誠信.txt", "上级.txt", "内.zip"]
    assert files == [("out/誠信.txt", "内容"), ("out/上级.txt", "内容"), ("out/内.zip", "内容")]
    assert not any((tmp_path / "out").iterdir())


def test_a_bomb_and_what_is_too_large(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("好.txt", b"a" * 2000)
        made.writestr("多.txt", b"b" * 2000)
        made.writestr("弹.txt", bytes(11 * 2**20))
    members = unpack(tmp_path / "a.zip", tmp_path, Budget(bytes=3000))
    assert isinstance(good := next(members), tuple) and good[0] == "好.txt"
    with pytest.raises(Spent, match="解开后太大"):
        next(members)
    *_, bomb = unpack(tmp_path / "a.zip", tmp_path, Budget())
    assert bomb == Skipped("弹.txt", "像是压缩炸弹（压缩比超过 200），没有解开")
    with pytest.raises(Unreadable, match="3 个文件，太多了"):
        next(unpack(tmp_path / "a.zip", tmp_path, Budget(members=2)))


def test_encrypted_and_damaged_members_do_not_cost_the_others(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        for name in ("secret.txt", "broken.txt", "good.txt"):
            made.writestr(name, f"text of {name}")
        secret = made.infolist()[0]
    data = bytearray(rewritten(tmp_path / "a.zip", (b"text of broken", b"TEXT OF BROKEN")).read_bytes())
    entry = data.index(b"PK\x01\x02")
    struct.pack_into("<H", data, entry + 8, secret.flag_bits | 1)
    (tmp_path / "a.zip").write_bytes(data)
    encrypted, broken, good = unpack(tmp_path / "a.zip", tmp_path, Budget())
    assert isinstance(encrypted, Skipped) and "加密" in encrypted.reason
    assert isinstance(broken, Skipped) and "BadZipFile" in broken.reason
    assert not isinstance(good, Skipped) and good[0] == "good.txt"


def test_a_damaged_zip(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(Unreadable, match="压缩包已损坏"):
        next(unpack(tmp_path / "a.zip", tmp_path, Budget()))


def test_a_mail_in_gb2312(tmp_path: Path) -> None:
    mail = EmailMessage(policy=SMTP)
    mail["Subject"], mail["From"] = "SUBJECT", "SENDER <zhang@example.cn>"
    mail["Date"] = "Mon, 06 May 2024 23:30:00 +0800"
    mail.set_content("朱镕基纪念馆\n开馆。\n", charset="gb18030", cte="8bit")
    mail.add_alternative("<p>网页</p>", subtype="html")
    mail.add_attachment("附件内容".encode(), maintype="text", subtype="plain", filename="方案.txt")
    data = mail.as_bytes().replace(b'charset="gb18030"', b"charset=gb2312")
    data = data.replace(b"SUBJECT", b"=?gb2312?B?" + b"udjT2tbs6UY=" + b"?=").replace(b"SENDER", "办公室".encode("gbk"))
    (tmp_path / "a.eml").write_bytes(data)
    original = read_mail(tmp_path / "a.eml")
    assert texts(original) == ["朱镕基纪念馆", "开馆。"]
    assert (original.title, original.date, original.source) == ("关于朱镕", "2024-05-06", "办公室")
    found = [(name, file.suffix, file.read_text()) for name, file in attachments(tmp_path / "a.eml", tmp_path)]
    assert found == [("方案.txt", ".txt", "附件内容")]
    assert [path.name for path in tmp_path.iterdir()] == ["a.eml"]


def test_a_mail_in_html_and_a_mail_within(tmp_path: Path) -> None:
    inner = EmailMessage()
    inner["Subject"] = "转来的"
    inner.set_content("里面。")
    mail = EmailMessage()
    mail["Subject"] = "通知"
    mail.set_content("<style>p {}</style><p>第一段。<div>第二段<br>第三段</div>", subtype="html")
    mail.add_attachment(inner)
    (tmp_path / "a.eml").write_bytes(mail.as_bytes())
    assert texts(read_mail(tmp_path / "a.eml")) == ["第一段。", "第二段", "第三段"]
    ((name, text),) = ((name, texts(read_mail(file))) for name, file in attachments(tmp_path / "a.eml", tmp_path))
    assert (name, text) == ("转来的.eml", ["里面。"])


def test_what_is_no_mail(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(b"\x00\x01 nothing of the kind")
    with pytest.raises(Unreadable, match="不是邮件"):
        read_mail(tmp_path / "a.eml")


LEVELS = [("chineseCounting", "%1、"), ("decimal", "（%2）"), ("decimal", "%1.%3"), ("bullet", "\uf06e"), ("bullet", "▲")]


def word_with_lists() -> WordDocument:
    word = WordDocument()
    levels = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/>'
        f'{"<w:isLgl/>" if n == 2 else ""}<w:rPr><w:rFonts w:ascii="{"Wingdings" if n == 3 else "宋体"}"/></w:rPr></w:lvl>'
        for n, (form, text) in enumerate(LEVELS)
    )
    root = word.part.numbering_part.element
    root.insert(0, parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="90">{levels}</w:abstractNum>'))
    again = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
    for number, override in ((90, ""), (91, again)):
        root.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="{number}"><w:abstractNumId w:val="90"/>{override}</w:num>'))
    return word


def add_listed(word: WordDocument, level: int, text: str, number: int = 90) -> None:
    properties = word.add_paragraph(text)._p.get_or_add_pPr()
    properties.append(parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'))


def test_word_numbers_and_bullets_are_written_out(tmp_path: Path) -> None:
    word = word_with_lists()
    for level in (0, 1, 1, 0, 1, 2, 3, 4):
        add_listed(word, level, "款")
    add_listed(word, 0, "重新", 91)
    add_listed(word, 0, "没有编号", 0)
    word.save(str(tmp_path / "a.docx"))
    expected = ["一、款", "（1）款", "（2）款", "二、款", "（1）款", "2.1款", "■款", "▲款", "一、重新", "没有编号"]
    assert texts(read_docx(tmp_path / "a.docx")) == expected


def test_a_style_gives_its_number_and_based_styles_inherit_it(tmp_path: Path) -> None:
    word = word_with_lists()
    level = word.part.numbering_part.element.find(f".//{qn('w:abstractNum')}[@{qn('w:abstractNumId')}='90']")[1]
    level.insert(2, parse_xml(f'<w:pStyle {nsdecls("w")} w:val="Heading2"/>'))
    style = word.styles["Heading 2"]
    style.element.get_or_add_pPr().append(parse_xml(f'<w:numPr {nsdecls("w")}><w:numId w:val="90"/></w:numPr>'))
    word.styles.add_style("我的小标题", WD_STYLE_TYPE.PARAGRAPH).base_style = style
    word.add_paragraph("甲", style="Heading 2")
    word.add_paragraph("乙", style="我的小标题")
    word.save(str(tmp_path / "a.docx"))
    assert forms(read_docx(tmp_path / "a.docx")) == [("heading", "（1）甲"), ("heading", "（2）乙")]


def test_word_headings_tables_and_what_was_moved(tmp_path: Path) -> None:
    word = WordDocument()
    word.add_heading("关于稻渔\n共生的通知", 0)
    word.add_heading("总体要求", 1)
    word.add_paragraph("正文。")
    level = f"<w:p {nsdecls('w')}><w:pPr><w:outlineLvl w:val='1'/></w:pPr><w:r><w:t>大纲</w:t></w:r></w:p>"
    moved = f"<w:p {nsdecls('w')}><w:moveFrom><w:r><w:t>移走的</w:t></w:r></w:moveFrom><w:r><w:t>留下的。</w:t></w:r></w:p>"
    for xml in (level, moved):
        word.element.body.insert(len(word.element.body) - 1, parse_xml(xml))
    table = word.add_table(rows=3, cols=3)
    table.cell(0, 0).merge(table.cell(0, 2)).text = "各县家数"
    for cell, text in zip(table._cells[3:], ["县", "2023", "2024", "缙云县", "", "126"], strict=True):
        cell.text = text
    word.add_table(rows=1, cols=1).cell(0, 0).text = "框里第一段。\n框里第二段。"
    word.save(str(tmp_path / "a.docx"))
    original = read_docx(tmp_path / "a.docx")
    assert original.title == "关于稻渔共生的通知"
    assert forms(original) == [
        ("heading", "关于稻渔共生的通知"), ("heading", "总体要求"), ("", "正文。"), ("heading", "大纲"), ("", "留下的。"),
        ("", "各县家数"), ("row", "县 | 2023 | 2024"), ("row", "缙云县 |  | 126"), ("", "框里第一段。"), ("", "框里第二段。"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("今年以來，全縣推廣稻漁共生兩千餘畝，農戶人均增收三千元。", "big5"),
        ("今年以来，全县推广稻渔共生两千余亩，农户人均增收三千元。", "gb18030"),
        ("今年以來，全縣推廣稻漁共生兩千餘畝，農戶人均增收三千元。", "gb18030"),
        ("公告", "gb18030"),
        ("潘璠、李喆、朱镕基、䶮", "gb18030"),
        ("┌──┬──┐\n│县│家│\n└──┴──┘", "gb18030"),
        ("農業", "utf-8"),
        ("今年以來，佢哋喺全縣推廣稻漁共生兩千餘畝，農戶人均增收三千元。", "big5hkscs"),
    ],
)
def test_encodings(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_broken_gbk_stays_an_error() -> None:
    with pytest.raises(Unreadable, match="编码"):
        decode("今年以来，全县推广稻渔共生".encode("gbk") + b"\xff\xff\x81" + "农户增收".encode("gbk"))


def test_a_table_of_a_page_is_kept_in_its_place_and_navigation_is_not(tmp_path: Path) -> None:
    prose = "".join(f"<p>{WORDS}，{name}的做法值得各地学习借鉴，也值得研究。</p>" for name in "甲乙丙丁")
    links = "<tr><td><a href='/'>首页</a></td><td><a href='/a'>新闻</a></td></tr>" * 3
    rows = "".join(f"<tr><td>{name}</td><td> {number} </td></tr>" for name, number in (("县", "家数"), ("缙云县", "126")))
    article = f"<div class='article'>{prose}<table>{rows}</table><p>{WORDS}是结尾。</p></div>"
    path = tmp_path / "a.html"
    path.write_text(f"<html><body><div class='nav'><table>{links}</table></div>{article}</body></html>")
    expected = [("row", "县 | 家数"), ("row", "缙云县 | 126"), ("", f"{WORDS}是结尾。")]
    assert forms(read_webpage(path))[4:] == expected


def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put a LibreOffice on the path that does what `script` says with the folder $out."""
    program = tmp_path / "bin" / "soffice"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\nwhile [ "$1" != --outdir ]; do shift; done\nout=$2; mkdir -p "$out"\n' + script)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")


def test_an_old_file_goes_through_libreoffice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    word = WordDocument()
    word.add_paragraph("转换来的。")
    word.save(str(tmp_path / "made.docx"))
    office(tmp_path, monkeypatch, f'cp "{tmp_path}/made.docx" "$out/old.docx"')
    (tmp_path / "old.doc").write_bytes(b"\xd0\xcf\x11\xe0")
    assert texts(read_legacy(tmp_path / "old.doc")) == ["转换来的。"]


def test_old_files_without_libreoffice_or_when_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "old.doc").write_bytes(b"\xd0\xcf\x11\xe0")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unreadable, match="旧格式 .doc 读不了：请用 Word/WPS 打开后另存为 .docx；或在本机安装 LibreOffice"):
        read_legacy(tmp_path / "old.doc")
    office(tmp_path, monkeypatch, "exit 1")
    with pytest.raises(Unreadable, match="转换失败.*另存为 .docx"):
        read_legacy(tmp_path / "old.doc")


def test_a_conversion_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office(tmp_path, monkeypatch, "sleep 60")
    monkeypatch.setattr("ingest.formats.legacy._SECONDS", 0.3)
    (tmp_path / "old.wps").write_bytes(b"\xd0\xcf\x11\xe0")
    with pytest.raises(Unreadable, match="超过 0 秒"):
        read_legacy(tmp_path / "old.wps")
