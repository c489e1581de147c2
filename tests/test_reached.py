"""What a clause says was reached: the value reached and not the one before, no hope, demand, denial or neighbour's figure."""

from __future__ import annotations

import pytest

from cases.find import find_cases
from cases.outcomes import Wanted
from index.models.encoder import Encoder
from index.search.index import SearchIndex
from index.store.catalog import Catalog
from index.store.embeddings import adopt
from ingest.document import Document, Item, Passage
from ingest.facts.extract import with_facts

BEFORE = "某县乡村振兴力争行动目标是什么\n"  # of another item
STATED = [
    ("农户户均年收入从7.2万元提高到8.1万元。", "收入", 81_000),
    ("就业人数由1200人增加到5380人。", "就业", 5380),
    ("参加就业培训的比上年增加300人、达到2000人。", "就业", None),
    ("占比从63.2%提高到72.7%。", "占比", 72.7),
    ("全产业链产值26.3亿元，带动就业1.2万人。", "产值", 2_630_000_000),
    ("全产业链产值26.3亿元，带动就业1.2万人。", "带动就业", 12_000),
    ("带动5380名村民就业。", "带动就业", 5380),
    ("已建成中心厨房9个、老年助餐点86个。", "助餐点", 86),
    ("租金每三年递增5%、改造不超原占地面积。", "占地", None),
    ("到2026年产值有望达到520亿元。", "产值", None),
    ("力争带动就业3万人。", "就业", None),
    ("计划到年底，带动就业3万人。", "就业", None),
    ("到2027年，带动就业3万人。", "就业", None),
    ("到2023年，带动就业3万人。", "就业", 30_000),
    ("实施“她掌柜”计划，带动妇女就业8200人。", "就业", 8200),
    ("落实发展规划，综合产值达26.5亿元。", "产值", 2_650_000_000),
    ("确保收入稳定在3000万元。", "收入", None),
    ("就业比例不低于40%。", "就业", None),
    ("年收入50万元以上的行政村占63%。", "收入", None),
    ("未带动就业3000人。", "就业", None),
    ("登记就业困难人员5万人。", "就业", None),
    ("海关税收入库2.21万亿元。", "收入", None),
    ("企业营业收入2.4亿元。", "收入", 240_000_000),
    ("积分管理覆盖村164个。", "覆盖村", 164),
    ("㎡½…带动就业1.2万人。", "就业", 12_000),  # characters that become several when they are compared
    ("吸纳山核桃、竹笋、香薯种植户就业3600人。", "就业", 3600),
    ("最多的一村分得82万元。", "分得", 820_000),
    ("户均增收3000元，村集体增收120万元。", "户均增收", 3000),
    ("户均增收3000元，村集体增收120万元。", "村集体增收", 1_200_000),
    ("服务群众1.6万人次，志愿者300人。", "服务人次", 16_000),
    ("办理时间由21天压缩至9天。", "办理时间", 9),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, bundled_encoder: Encoder) -> SearchIndex:
    """An index with a document of 2024 for each text."""
    catalog = Catalog(tmp_path_factory.mktemp("reached"))
    adopt(catalog, bundled_encoder.fingerprint)
    for number, (text, *_) in enumerate(STATED):
        whole = f"{BEFORE}{text}"
        item = Item("题", len(BEFORE), len(whole), passages=(Passage(len(BEFORE), len(whole)),))
        document = with_facts(Document(f"{number}.txt", "bulletin", "题", whole, date="2024-05-31", items=(item,)))
        catalog.put(document, document.file, bundled_encoder.fingerprint, bundled_encoder.passages([text]))
    return SearchIndex(catalog, bundled_encoder)


@pytest.mark.parametrize("number", range(len(STATED)), ids=[f"{text}{measured}" for text, measured, _ in STATED])
def test_what_was_reached(index: SearchIndex, number: int) -> None:
    _, measured, expected = STATED[number]
    document = Document(f"{number}.txt", "bulletin", "题", "").id
    found = find_cases(index, "", 10, {"document": document}, "figure", measured).cases
    assert [one.outcome and one.outcome.value for one in found] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("measured", "words"),
    [
        ("带动就业", ("就业",)),
        ("就业人数", ("就业",)),
        ("覆盖村", ("覆盖", "村")),
        ("年产值", ("产值",)),
        ("惠及", ("惠及",)),
        ("？", ()),
        ("", ()),
    ],
)
def test_what_a_label_wants(measured: str, words: tuple[str, ...]) -> None:
    assert Wanted.of(measured).words == words
