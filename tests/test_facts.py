"""Regions, dates, figures and measures, one rule at a time."""

from __future__ import annotations

import pytest

from ingest.document import Document, Item
from ingest.facts.dates import find_date, find_dates
from ingest.facts.figures import find_figures
from ingest.facts.measures import find_measures
from ingest.facts.regions import Places, regions_called

ISSUED = "2023-12-29"


def regions(text: str, issuer: str = "", *contributors: str) -> list[str]:
    item = Item("", 0, len(text), contributors=contributors)
    about, *_ = Places(Document("x.txt", "other", "", text, issuer=issuer)).of(item)
    return [region.name for region in about]


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("今年10月", "2023-10"),
        ("去年12月", "2022-12"),
        ("10月28日", "2023-10-28"),
        ("截至目前", "2023-12-29"),
        ("近日", "2023-12-29"),
        ("今年以来", "2023"),
        ("上半年", "2023-01/2023-06"),
        ("前三季度", "2023-01/2023-09"),
        ("2021—2023年", "2021/2023"),
        ("12月6日至8日", "2023-12-06/2023-12-08"),
        ("2024年11月至2025年10月", "2024-11/2025-10"),
        ("“十四五”", "2021/2025"),
        ("2022年底", "2022-12"),
        ("二〇二四年三月五日", "2024-03-05"),
    ],
)
def test_a_date_is_resolved(text: str, iso: str) -> None:
    sentence = f"在{text}，完成改造。"
    found = [(sentence[date.start : date.end], date.iso) for date in find_dates(sentence, 0, len(sentence), ISSUED)]
    assert found == [(text, iso)]


def test_a_date_that_lies_ahead() -> None:
    found = [date.iso for date in find_dates("6月底前完成", 0, 6, "2024-03-01")]
    assert found == ["2024-06"]
    assert [date.iso for date in find_dates("6月底完成验收", 0, 7, "2024-03-01")] == ["2024-06"]
    assert [date.iso for date in find_dates("6月底，全县验收", 0, 8, "2024-03-01")] == ["2023-06"]


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("各地要在12月1日前完成整改", "2025-12-01"),
        ("12月1日前完成整改", "2024-12-01"),
        ("12月25日前完成整改", "2024-12-25"),
        ("1月10日前完成整改", "2025-01-10"),
        ("已于4月9日前赔付3860户", "2024-04-09"),
        ("预计10月试产", "2025-10"),
        ("12月底前完成整改", "2024-12"),
        ("会议定于1月15日召开", "2025-01-15"),
        ("拟于3月上线", "2025-03"),
        ("截止1月10日报名", "2025-01-10"),
        ("于1月15日召开会议", "2024-01-15"),
    ],
)
def test_what_was_done_by_a_date_and_what_is_to_be_done(text: str, iso: str) -> None:
    assert [date.iso for date in find_dates(text, 0, len(text), "2024-12-20")] == [iso]


def test_what_is_no_date() -> None:
    text = "近年来每年投入12个月，2023年第33期，第10次，2月30日，3月龄"
    assert list(find_dates(text, 0, len(text), ISSUED)) == []
    assert find_date("2023年13月40日") == ""


def test_relative_dates_need_a_date_to_count_from() -> None:
    text = "今年10月，近日，2022年5月"
    assert [date.iso for date in find_dates(text, 0, len(text), "")] == ["2022-05"]


@pytest.mark.parametrize(
    ("text", "value", "unit", "about"),
    [
        ("惠及职工超354万人", 3540000, "人", "惠及职工"),
        ("累计投入1.2亿元", 120000000, "元", "累计投入"),
        ("覆盖300余户", 300, "户", "覆盖"),
        ("同比增长12.5%", 12.5, "%", "同比增长"),
        ("服务2.3万人次", 23000, "人次", "服务"),
        ("建成三十余家", 30, "家", "建成"),
        ("面积1,200亩", 1200, "亩", "面积"),
        ("缩短到1—3个工作日", 3, "个工作日", "缩短"),
        ("产值3.5万亿元", 3500000000000, "元", "产值"),
        ("粉丝突破100万，", 1000000, "", "粉丝"),
    ],
)
def test_a_figure(text: str, value: float, unit: str, about: str) -> None:
    (figure,) = find_figures(text, 0, len(text))
    assert (figure.value, figure.unit, figure.about) == (value, unit, about)


def test_what_is_no_figure() -> None:
    text = (
        "5G时代，山区26县，第3批，60岁，2023年，两个，千万工程，千家万户，12345热线，“1+3”模式，9时30分，第15期，〔2024〕15号"
    )
    assert list(find_figures(text, 0, len(text))) == []


def test_names_of_a_place_old_short_and_in_chains() -> None:
    for text in ("临安区的做法", "杭州临安区的做法", "浙江省杭州市临安区的做法", "临安市的做法"):
        assert regions(text) == ["浙江省杭州市临安区"]
    assert regions("在临安推开", "浙江省委办公厅") == ["浙江省杭州市临安区"]
    assert regions("对口帮扶阿克苏地区") == ["新疆维吾尔自治区阿克苏地区"]
    assert regions("景宁县与黔东南州") == ["浙江省丽水市景宁畲族自治县", "贵州省黔东南苗族侗族自治州"]


def test_one_name_of_several_places() -> None:
    assert regions("江北区与慈溪市联合") == ["浙江省宁波市江北区", "浙江省宁波市慈溪市"]
    assert regions("江北区的做法", "重庆市人民政府") == ["重庆市江北区"]
    assert regions("江北区的做法") == []  # which one cannot be known


def test_words_that_are_no_places() -> None:
    text = "江山如画，平安建设，培养特长兴趣，长治久安，中山东路，浙江大学，宁波银行，西湖龙井，和平共处，黄河南岸，西湖区域"
    text += "，优质资源县域共享"
    assert regions(text, "浙江省人民政府") == []


def test_a_contributor_comes_first_and_a_group_counts() -> None:
    text = "山区26县协作，安吉县先行。（余姚市民政局供稿）"
    assert regions(text, "浙江省", "余姚市民政局") == ["浙江省宁波市余姚市", "浙江省湖州市安吉县", "浙江省山区26县"]


def test_the_span_of_a_region_shows_it() -> None:
    text = "会后，永康市与四川平昌县签约。"
    found, *_ = Places(Document("x.txt", "other", "", text)).of(Item("", 0, len(text)))
    assert [text[region.start : region.end] for region in found] == ["永康市", "四川平昌县"]


def test_regions_that_a_filter_may_name() -> None:
    assert regions_called("余姚") == regions_called("余姚市") == ("浙江省宁波市余姚市",)
    assert regions_called("临安市") == ("浙江省杭州市临安区",)
    assert len(regions_called("山区26县")) == 27
    assert regions_called("没有这个地方") == ()


def test_measures_and_their_heads() -> None:
    text = "一是强化引导，出台办法；二是聚焦重点人群。开展培训。三是打造品牌：做好服务。"
    found = list(find_measures(text, 0, len(text)))
    assert [measure.head for measure in found] == ["强化引导", "聚焦重点人群", "打造品牌"]
    assert text[found[1].start : found[1].end] == "二是聚焦重点人群。开展培训。"
    assert list(find_measures("一是政策好。", 0, 6)) == []


def test_steps_and_lists_that_begin_anew() -> None:
    lists = "第九条 可以：\n（一）甲；\n（二）乙。\n第十条 其他。\n（一）丙；\n（二）丁。"
    text = f"办理指引\n步骤1：打开小程序。\n步骤2：提交，等审核。\n{lists}"
    found = list(find_measures(text, 0, len(text)))
    assert [measure.head for measure in found] == ["打开小程序", "提交"]
    at = text.index("第九条")
    found = list(find_measures(text, at, len(text)))
    assert [measure.head for measure in found] == ["甲", "乙", "丙", "丁"]
    assert text[found[1].start : found[1].end] == "（二）乙。\n"  # not as far as the next list
