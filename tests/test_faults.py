"""Inputs that real readers of documents got wrong, as they are in the real material, and what is right."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from conftest import shared

from ingest.containers import read_file
from ingest.document import Document


@dataclass(frozen=True)
class Right:
    """What has to be said of a file: fields of its first document, pieces of its text in order, pieces that are wrong."""

    told: dict[str, object] = field(default_factory=dict)
    holds: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    warned: str = ""


RIGHT = {
    "01-docx-vmerge.docx": Right(
        holds=("东溪镇 | 渔港改造 | 320", "东溪镇 | 民宿提升", "东溪镇 | 村道硬化", "西岭镇 | 茶园滴灌", "西岭镇 | 冷库建设")
    ),
    "02-docx-revisions.docx": Right(
        holds=("培训残疾人就业800人次", "\n新建康复站点36个，其中山区12个。\n", "450元"),
        lacks=("9999", "7777", "300元", "作废镇"),
    ),
    "03-docx-footnote.docx": Right(holds=("另加300元",)),
    "04-docx-masthead-in-header.docx": Right(
        {"series": "示例工作动态", "year": 2023, "issue": 18, "total_issue": 418, "date": "2023-09-06", "items": 2}
    ),
    "06-docx-null-rel.docx": Right(holds=("示例驿站120个",)),
    "07b-docx-superscript.docx": Right(holds=("3.6×10⁴亩", "m³", "1500元¹")),
    "08-docx-image-table.docx": Right(holds=("东溪镇18个",), warned="识别"),
    "10-xlsx-merged-percent-formula.xlsx": Right(
        {"date": ""},
        ("85.3%", "2023年3月1日", "东溪县 | 民宿提升", "100.0%", "东溪县 | 冷库建设", "7.0%"),
        warned="没有存下结果",
    ),
    "12d-html-as.doc": Right({"number": "清示发〔2023〕41号", "date": ""}, ("检查企业62家",), ("<p>",)),
    "13-page.mhtml": Right(holds=("农村公路62公里",), lacks=("PGh0", "<")),
    "13c-mht-as.doc": Right(holds=("农村公路62公里",), lacks=("PGh0", "<")),
    "14b-utf8-onebad.txt": Right(holds=("杨�损耗320吨",), lacks=("��",), warned="1 处"),
    "15a-utf8-but-meta-gb2312.html": Right(holds=("东溪县今年以来修建农村公路62公里",)),
    "15d-script-charset-first.html": Right(holds=("东溪县今年以来修建农村公路62公里",)),
    "16-html-rowspan.html": Right(
        holds=(
            "县区 | 2022年 计划 | 2022年 完成 | 2023年 计划 | 2023年 完成",
            "东溪县 | 100 | 92 | 130 | 141",
            "东溪县 | 10 | 9",
        )
    ),
    "16f-html-number.html": Right({"date": "2021-06-08", "number": "清政办发〔2021〕17号"}),
    "20b-pdf-twocol-narrow.pdf": Right(
        holds=("培训农民4600人次，发放教材1.2万册", "建成冷库14座，减少杨梅损耗320吨，带动农户增收860万元")
    ),
    "21c-pdf-watermark-first.pdf": Right({"title": "清屏市示例局关于2023年示例工作情况的通报"}, lacks=("内部资料", "严禁外传")),
    "22-pdf-form.pdf": Right(holds=("申报金额：320万元", "联系人：王示例")),
    "23-pdf-attachment.pdf": Right(warned="1 个附件没有读"),
    "27b-pdf-wrapped-merged-table.pdf": Right(
        holds=(
            "东溪县 | 改造渔港2座，配套建设冷链设施并完成环境整治 | 2023年10月 | 水利站、农技站",
            "东溪县 | 提升民宿35家，培训管家120人次 | 2023年11月 | 文旅站",
        )
    ),
    "28-pdf-footnote.pdf": Right(holds=("各县（市、区）应当在9月底前完成", "\n①海岛乡镇认定线另加300元")),
    "33-pdf-bad-hidden-ocr.pdf": Right({"recognised": True}, ("36个", "92%"), ("9Z%",)),
    "34b-pdf-scan-stamp.pdf": Right({"recognised": True}, ("36个", "92%")),
    "36c-radicals.txt": Right(holds=("长江", "门球场36个", "鱼塘")),
    "40h-eml-nobody.eml": Right(holds=("驿站36个",)),
    "40i-eml-html-numbers.eml": Right(holds=("东溪县 | 36 | 28", "西岭县 | 1 | 20")),
    "51-false-regions.txt": Right({"regions": []}),
    "60a-redhead.txt": Right(
        {"title": "清屏市人民政府关于印发全民健身实施计划的通知", "number": "清政发〔2023〕5号", "date": "2023-03-08"}
    ),
}


def told(document: Document, name: str) -> object:
    if name == "items":
        return len(document.items)
    if name == "regions":
        return [region.name for item in document.items for region in item.regions]
    return bool(document.recognised) if name == "recognised" else getattr(document, name)


@pytest.mark.parametrize("name", RIGHT)
def test_a_kind_of_input_that_readers_get_wrong(name: str) -> None:
    right = RIGHT[name]
    read = [one for one in read_file(shared("faults", name), name) if isinstance(one, Document)]
    assert {field: told(read[0], field) for field in right.told} == right.told
    whole = "\n".join(document.text for document in read)
    at = 0
    for piece in right.holds:
        assert piece in whole[at:], piece
        at = whole.index(piece, at)
    assert not [piece for piece in right.lacks if piece in whole]
    assert right.warned in "；".join(warning for document in read for warning in document.warnings)


def test_a_deadline_in_a_mail_is_of_the_year_of_the_mail() -> None:
    (mail,) = (one for one in read_file(shared("faults", "40l-eml-deadline2.eml"), "a.eml") if isinstance(one, Document))
    assert [date.iso for item in mail.items for date in item.dates][:2] == ["2023-10-15", "2023-09-20"]
