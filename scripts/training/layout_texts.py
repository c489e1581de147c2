"""What the layouts of training are filled with: sentences made up from lists of our own, or real texts, which cohere."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ingest.facts.gazetteer import gazetteer
from ingest.facts.mentions import mentions_in
from ingest.grammars.signs import opening_of

THEMES = [
    "老年助餐",
    "稻渔综合种养",
    "数字乡村",
    "农村公路养护",
    "共享食堂",
    "来料加工",
    "乡村医生派驻",
    "小区物业治理",
    "夜间经济",
    "河湖长制",
    "茶叶加工",
    "中小学课后服务",
    "政务服务进村",
    "人才公寓",
    "零工驿站",
    "非遗工坊",
    "快递进村",
    "垃圾分类",
    "森林防火",
    "蓝莓产业",
    "乡镇卫生院改造",
    "婴幼儿托育",
    "残疾人就业",
    "海岛供水",
    "旧厂房改造",
    "企业用工保障",
    "营商环境",
    "医保经办下沉",
    "村集体增收",
    "民宿提升",
    "冷链物流",
    "信访代办",
    "校园安全",
    "城中村改造",
    "光伏发电",
    "大棚蔬菜",
    "职业技能培训",
    "慈善超市",
    "老旧电梯更新",
    "防汛演练",
    "招商引资",
    "中药材种植",
    "红色旅游",
    "农田水利",
    "智慧停车",
    "群众议事",
    "法律援助",
    "结对帮扶",
    "数字化改革",
    "电商直播",
    "畜禽粪污利用",
    "油茶改造",
]
VERBS = [
    "推进",
    "探索",
    "深化",
    "创新",
    "打造",
    "做实",
    "抓好",
    "聚焦",
    "拓展",
    "优化",
    "强化",
    "完善",
    "推广",
    "启动",
    "健全",
    "破解",
    "用好",
    "统筹",
]
ENDS = [
    "提质增效",
    "见实效",
    "取得新进展",
    "走出新路子",
    "惠及群众",
    "带动农户增收",
    "开辟新路径",
    "跑出加速度",
    "落地见效",
    "工作提档升级",
    "有力有序",
    "促共富",
    "暖民心",
    "全覆盖",
]
BRANDS = [
    "邻里饭桌",
    "一码通办",
    "蓝马甲",
    "共富班车",
    "红色管家",
    "银龄学堂",
    "小板凳议事",
    "云上诊室",
    "四季田园",
    "幸福食堂",
    "茶香驿站",
    "码上办",
    "暖心屋",
    "百姓议事厅",
    "山海协作",
    "阳光车间",
]
OFFICES = [
    "农业农村局",
    "民政局",
    "人力资源和社会保障局",
    "发展和改革局",
    "教育局",
    "卫生健康局",
    "交通运输局",
    "水利局",
    "商务局",
    "司法局",
    "住房和城乡建设局",
    "市场监督管理局",
    "大数据局",
    "文化和旅游局",
    "妇联",
    "总工会",
    "团委",
]
TOWNS = ["双桥", "石门", "白云", "青山", "东湖", "南岭", "金沙", "龙泉", "大溪", "云峰", "新河", "古塘", "梅林", "长岭"]
UNITS = ["户", "人", "个", "家", "亩", "万元", "公里", "件", "次", "所", "名", "台", "条", "处", "场"]
SERIES = [
    "工作动态",
    "政务信息",
    "情况反映",
    "改革简报",
    "乡村振兴专报",
    "信息快报",
    "经验交流",
    "督查通报",
    "基层之声",
    "调研参考",
    "民生实事简报",
    "共富动态",
    "典型案例选编",
    "工作简报",
    "党建通讯",
    "营商环境专刊",
]
SECTIONS = [
    "市县动态",
    "部门信息",
    "基层经验",
    "工作交流",
    "领导讲话",
    "政策解读",
    "县区之窗",
    "典型案例",
    "一线传真",
    "他山之石",
    "外地经验",
    "重点工作",
    "民生服务",
    "产业发展",
    "工作要闻",
    "督查情况",
    "经验做法",
    "乡镇动态",
    "企业风采",
    "媒体聚焦",
]
SUBHEADS = [
    "主要做法",
    "工作背景",
    "取得成效",
    "基本情况",
    "存在问题",
    "下一步打算",
    "经验启示",
    "强化组织领导",
    "完善工作机制",
    "压实工作责任",
    "创新服务方式",
    "突出示范引领",
    "健全长效机制",
    "坚持问题导向",
]


@dataclass(frozen=True)
class Where:
    """A county, city or town as a title calls it, and the office that writes of it."""

    name: str
    office: str
    text: int = -1  # number of the real text that tells of it, -1 for none


class Writer:
    """Writes titles and paragraphs; what it writes depends on the random numbers alone."""

    def __init__(self, chance: random.Random) -> None:
        self.brief = chance.random() < 0.2  # paragraphs of one sentence
        self.chance = chance
        self._counties = _counties()
        self.local = chance.random() < 0.2  # a county's own bulletin: of its towns and offices

    def pick(self, words: list[str]) -> str:
        return self.chance.choice(words)

    def numbered(self) -> Text | None:
        return None

    def where(self, least: int = 0) -> Where:
        """Return a place; of a real text, one of at least so many sentences, if it is easily found."""
        if self.local:
            return Where(*[self._unit()] * 2)
        county = self.pick(self._counties)
        roll = self.chance.random()
        if roll < 0.12:
            name = f"{county}{self.pick(TOWNS)}{self.pick(['镇', '乡', '街道'])}"
        elif roll < 0.2:
            name = f"{county}{self.pick(OFFICES)}"
        else:
            name = county
        return Where(name, f"{county}{self.pick(OFFICES)}" if self.chance.random() < 0.6 else county)

    def _unit(self) -> str:
        """Return a town, a village, a neighbourhood or an office of a county."""
        end = self.pick(["镇", "乡", "街道", "社区", "村", "镇", "社区", "局", "供销社", "县医院", "公司"])
        return end if end.startswith("县") else self.pick(OFFICES) if end == "局" else f"{self.pick(TOWNS)}{end}"

    def title(self, where: Where, named: float = 0.8) -> str:
        """Return a title; `named` is how likely it names its place."""
        theme, verb, end = self.pick(THEMES), self.pick(VERBS), self.pick(ENDS)
        forms = (
            f"{verb}{theme}{end}", f"“{self.pick(BRANDS)}”让{theme}{end}", f"{verb}“{self.pick(BRANDS)}”{theme}新模式",
            f"“{self.chance.randint(2, 6)}个一”机制{verb}{theme}", f"以{theme}为抓手{verb}{self.pick(THEMES)}",
            f"{theme}{end}", f"多措并举{verb}{theme}", f"{verb}{theme} {self.pick(VERBS)}{self.pick(THEMES)}",
            f"召开{theme}现场推进会", f"{verb}{theme}的做法", f"{theme}：{self.pick(VERBS)}一张网",
        )  # fmt: skip
        form = self.chance.choice(forms)
        return f"{where.name}{form}" if self.chance.random() < named else form

    def sentence(self, where: Where) -> str:
        n, m = self.chance.randint(3, 980), self.chance.randint(2, 96)
        year, month = self.chance.randint(2021, 2024), self.chance.randint(1, 12)
        theme, other, unit = self.pick(THEMES), self.pick(THEMES), self.pick(UNITS)
        town = f"{self.pick(TOWNS)}{self.pick(['镇', '乡', '村', '街道', '社区'])}"
        who = self.pick([where.name, "该县", "全县", "当地", "全市", "该局", "各乡镇", "我县", town])
        forms = (
            f"{who}围绕{theme}，组织{n}{unit}参与，带动{m}{unit}，较上年增长{self.chance.randint(1, 60)}.{self.chance.randint(0, 9)}%。",
            f"截至{year}年{month}月底，累计建成{theme}点位{n}个，服务群众{m}.{self.chance.randint(1, 9)}万人次。",
            f"今年以来，{who}把{theme}作为民生实事，投入资金{n}万元，新增{other}项目{m}个。",
            f"在{town}，由村集体统一流转土地{n}亩，农户以入股方式参与分红，户均增收{m * 100}元。",
            f"建立“周调度、月通报”机制，明确牵头单位{self.chance.randint(2, 9)}个，逐项销号管理。",
            f"{month}月{self.chance.randint(1, 28)}日，{who}召开{theme}推进会，{self.pick(OFFICES)}等{self.chance.randint(3, 12)}个部门参加。",
            f"针对{theme}中群众反映集中的问题，上门走访{n}户，收集意见建议{m}条，已办结{max(1, m - 3)}条。",
            f"推行{theme}“一件事”集成办理，申报材料由{self.chance.randint(6, 12)}份减至{self.chance.randint(1, 4)}份，办理时限压缩{self.chance.randint(3, 15)}个工作日。",
            f"下一步，{who}将继续{self.pick(VERBS)}{theme}，推动{other}{self.pick(ENDS)}。",
            f"“以前办事要跑好几趟，现在在家门口就能办。”{town}村民说。",
            f"与{self.pick(self._counties)}建立协作关系，共享{theme}订单，吸纳就业{n}人。",
            f"通过以奖代补、贷款贴息等方式，支持{theme}主体{m}家，发放贷款{n}万元。",
            f"{who}在全省率先出台{theme}管理办法，相关做法被上级转发。",
            "各级各部门要进一步提高认识，压实责任，确保各项任务落到实处。",
        )  # fmt: skip
        return self.chance.choice(forms)

    def paragraph(self, where: Where, most: int = 6) -> str:
        return "".join(self.sentence(where) for _ in range(self.chance.randint(1, 1 if self.brief else most)))

    def measures(self, where: Where) -> str:
        """Return sentences counted 一是, 二是 …"""
        count = self.chance.randint(2, 4)
        opener = self.pick(["{}是", "第{}，", "{}要"])
        pieces = [
            opener.format("一二三四"[n]) + f"{self.pick(VERBS)}{self.pick(THEMES)}。" + self.sentence(where)
            for n in range(count)
        ]
        return "".join(pieces)


@dataclass(frozen=True)
class Text:
    """A real text: its title, its sentences, its lines."""

    title: str
    sentences: tuple[str, ...]
    lines: tuple[str, ...]


_DIGEST = re.compile(r"快讯|简讯|要闻|速览|疫情")  # several items in one text
_FRONT = re.compile(r"^(?:【[^】]*】)+|^央视网消息（[^）]*）[：:]")


@cache
def real_texts(file: Path) -> tuple[Text, ...]:
    """Return the texts of a JSONL file, also a compressed one, {"title", "text"} a line."""
    found = []
    with gzip.open(file, "rt", encoding="utf-8") if file.suffix == ".gz" else file.open(encoding="utf-8") as stream:
        for line in stream:
            record = json.loads(line)
            title, text = _FRONT.sub("", record["title"]), _FRONT.sub("", record["text"])
            sentences = tuple(each.strip() for each in re.findall(r"[^。！？\n]+[。！？”]*", text) if len(each.strip()) > 5)
            if len(sentences) > 2 and 6 < len(title) < 46 and not _DIGEST.search(title):
                lines = tuple(each.strip() for each in re.split(r"\n|　　", text) if each.strip())
                found.append(Text(title, sentences, lines))
    return tuple(found)


class RealWriter(Writer):
    """Writes with titles and sentences of real texts, so that what is one item shares its words, and two items do not."""

    def __init__(self, chance: random.Random, texts: Sequence[Text]) -> None:
        super().__init__(chance)
        self._texts = texts
        self._at: dict[int, int] = {}

    def where(self, least: int = 0) -> Where:
        drawn = [self.chance.randrange(len(self._texts)) for _ in range(20 if least else 1)]
        number = next((one for one in drawn if len(self._texts[one].sentences) >= least), drawn[0])
        text = self._texts[number]
        head = f"{text.title}\n{text.sentences[0]}"
        named = next(iter(mentions_in(head)), None)
        name = head[named.start : named.end] if named else self.pick(self._counties)
        name = self._unit() if self.local else name
        return Where(name, f"{name}{self.pick(OFFICES)}" if self.chance.random() < 0.6 else name, number)

    def numbered(self) -> Text | None:
        """Return a notice, plan or rule whose lines are numbered."""
        drawn = [self._texts[self.chance.randrange(len(self._texts))] for _ in range(200)]
        return next((one for one in drawn if sum(bool(opening_of(line).number) for line in one.lines) > 5), None)

    def title(self, where: Where, named: float = 0.8) -> str:
        if where.text < 0:
            return super().title(where, named)
        text = self._texts[where.text]
        if named > 0.1:
            return f"{where.name}{text.title}" if self.local and self.chance.random() < named else text.title
        clauses = [clause for clause in re.split(r"[，。；：\s]", self.pick(list(text.sentences))) if 4 < len(clause) < 21]
        clauses = [clause for clause in clauses if not opening_of(clause).kind]
        return self.pick(clauses) if clauses and self.chance.random() < 0.7 else super().title(where, named)

    def sentence(self, where: Where) -> str:
        if where.text < 0:
            return super().sentence(where)
        sentences = self._texts[where.text].sentences
        at = self._at.get(where.text, 0)
        self._at[where.text] = at + 1
        return sentences[at % len(sentences)]


def _counties() -> list[str]:
    book = gazetteer()
    return sorted(
        name for name, places in book.formal.items() if len(places) == 1 and places[0].level == 3 and 2 < len(name) < 7
    )
