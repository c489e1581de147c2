"""Layouts of bulletins, made up: paragraphs with how they are printed and the role of each, for training the model of borders.

Each document draws its masthead, 目录, sections, marks, titles, credits, body and closing lines from forms that offices use, and its
looks as one of four kinds of files tells them. The texts are our own (layout_texts.py). A seed gives the same documents.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from ingest.extracted import Form, Look
from ingest.grammars.signs import opening_of
from scripts.training.layout_texts import SECTIONS, SERIES, SUBHEADS, RealWriter, Text, Where, Writer

ENDINGS = ["的实践", "纪实", "实录", "札记", "侧记", "的调查", "的探索与思考", "小记", "工作纪实", "", ""]
HAN = "一二三四五六七八九十"
CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
MARKS = "▲●■◆★◎○◇□△※➤☆♦▪◤►•"


@dataclass(frozen=True, slots=True)
class Made:
    """A paragraph of a made-up document: its text, its form, how it is printed, and its role."""

    text: str
    role: str
    look: Look | None = None
    form: Form = ""


def han(number: int) -> str:
    """Return 1 to 99 in Han numerals."""
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else HAN[tens - 1]) + ("十" if tens else "") + (HAN[ones - 1] if ones else "")


NUMBERINGS: dict[str, Callable[[int], str]] = {
    "main": lambda n: f"{han(n)}、", "second": lambda n: f"（{han(n)}）", "third": lambda n: f"{n}.", "third_dun": lambda n: f"{n}、",
    "third_space": lambda n: f"{n}. ", "third_wide": lambda n: f"{n}．", "fourth": lambda n: f"（{n}）", "circled": lambda n: CIRCLED[min(n, 20) - 1],
    "case": lambda n: f"案例{han(n)}：", "case_digit": lambda n: f"案例{n} ", "experience": lambda n: f"经验{han(n)}：",
    "ordinal": lambda n: f"第{han(n)}，", "padded": lambda n: f"{n:02d} ", "bracketed": lambda n: f"【{n}】", "part": lambda n: f"之{han(n)}：",
}  # fmt: skip


@dataclass
class Style:
    """How one kind of line is printed in one document."""

    look: Look = field(default_factory=Look)
    mark: str = ""  # before its words, "" for none
    numbering: str = ""
    around: tuple[str, str] = ("", "")


class Layout:
    """One document, made from its own random numbers."""

    def __init__(self, seed: int, texts: Sequence[Text] = ()) -> None:
        self.chance = random.Random(seed)
        self.write = RealWriter(self.chance, texts) if texts and self.often(0.7) else Writer(self.chance)
        self.kind = self.chance.choices(["pdf", "docx", "html", "txt"], [3, 3, 2, 3])[0]
        self.lines: list[Made] = []

    def often(self, share: float) -> bool:
        return self.chance.random() < share

    def add(self, text: str, role: str, look: Look | None = None, form: Form = "") -> None:
        self.lines.append(Made(text, role, look or Look(), form))

    # --- looks -----------------------------------------------------------------------------------------------------------

    def heading_look(self, strength: float) -> Look:
        """Return how a heading is printed; some are printed as running text is."""
        if not self.often(strength):
            return Look(indent=self.body_indent)
        chance = self.chance
        look = Look(
            size=chance.choice([1.0, 1.0, 1.0, 1.1, 1.15, 1.25, 1.4]), bold=self.often(0.75), centred=self.often(0.35),
            space=chance.choice([0, 0, 0.5, 1.0]), coloured=self.often(0.2), level=chance.choice([0, 0, 0, 1, 2, 3]) if self.kind in ("docx", "html") else 0,
            ruled=self.often(0.06), indent=chance.choice([0.0, self.body_indent]),
        )  # fmt: skip
        return replace(look, indent=0.0) if look.centred else look

    # --- parts -----------------------------------------------------------------------------------------------------------

    def make(self) -> list[Made]:
        """Return the paragraphs of one document."""
        self.body_indent = self.chance.choice([2.0, 2.0, 2.0, 0.0])
        form = self.chance.choices(
            [
                "issue",
                "collection",
                "notice",
                "article",
                "feature",
                "minutes",
                "table",
                "special",
                "chronicle",
                "digest",
                "regulation",
            ],
            [48, 10, 10, 11, 6, 8, 3, 6, 4, 6, 8],
        )[0]
        getattr(self, f"_{form}")()
        return list(self._as_the_format_tells())

    def _issue(self) -> None:
        self._masthead()
        listed = self.often(0.4)
        items, sections = self._plan()
        rule = self.chance.choice(["━", "－", "=", "—", "─", "*"]) * self.chance.randint(8, 40) if self.often(0.12) else ""
        if listed:
            self._rule(rule)
            self._contents(items, sections)
        self._rule(rule)
        if self.often(0.12):
            self.add(self.chance.choice(["编者按：", "【编者按】", "按："]) + self.write.paragraph(self.write.where(), 3), "N")
        self._items(items, sections)
        self._rule(rule)
        if self.often(0.55):
            self._closing()
        if self.kind == "html" and self.often(0.3):
            self._account()

    def _account(self) -> None:
        """Add what a public account prints below its text, and above it."""
        chance = self.chance
        names = ["林某安", "段某峰 和某芝", "周某琳", "梅某国"]
        lines = [
            chance.choice(["— END —", "END", "— 完 —", "▼"]), f"编辑：{chance.choice(names)}", f"审核：{chance.choice(names)}", f"监制：{chance.choice(names)}",
            "投稿邮箱：tougao@example.com", f"阅读{chance.randint(90, 9000)}", "喜欢就点个“在看”吧", "扫码关注我们", "往期推荐",
        ]  # fmt: skip
        for line in lines:
            if self.often(0.6):
                self.add(line, "D", Look(centred=self.often(0.5), size=chance.choice([1.0, 0.9]), coloured=self.often(0.5)))
        for _ in range(chance.randint(0, 3) if self.lines[-1].text == "往期推荐" else 0):
            self.add(self.write.title(self.write.where()), "D", Look(coloured=self.often(0.5)))
        at = sum(line.role == "M" for line in self.lines[:8])
        if self.often(0.5):
            self.lines.insert(
                at, Made(chance.choice(["点击上方蓝字关注我们", "点击蓝字 关注我们", "↑点击上方关注"]), "M", Look(centred=True))
            )

    def _rule(self, rule: str) -> None:
        if rule and self.often(0.8):
            self.add(rule, "X")

    def _collection(self) -> None:
        """A collection of cases, with or without a masthead."""
        self.add(
            self.chance.choice(
                [
                    f"{self.write.pick(SERIES)}",
                    f"关于印发{self.write.title(self.write.where(), 0.3)}典型案例的通知",
                    f"{self.write.title(self.write.where(), 0)}典型案例汇编",
                    "典型案例选编",
                    "经验交流材料",
                ]
            ),
            "M",
            self.heading_look(0.9),
        )
        if self.often(0.4):
            self.add(
                self.chance.choice(
                    [
                        f"{self.chance.randint(2021, 2024)}年{self.chance.randint(1, 12)}月",
                        f"（共{self.chance.randint(3, 12)}篇）",
                        f"{self.write.where().office}编",
                    ]
                ),
                "M",
            )
        if self.often(0.2):
            self.add(self.chance.choice(["前 言", "前言", "导读", "写在前面"]), "M", self.heading_look(0.9))
        for _ in range(self.chance.randint(0, 2)):
            self.add(self._named(self.write.where(), False), "N")
        items, sections = self._plan(cases=True)
        if self.often(0.3):
            self._contents(items, sections)
        self._items(items, sections, cases=True)
        if self.often(0.2):
            self._closing()

    def _masthead(self) -> None:
        chance, year, month, day = (
            self.chance,
            self.chance.randint(2019, 2025),
            self.chance.randint(1, 12),
            self.chance.randint(1, 28),
        )
        number, total = chance.randint(1, 60), chance.randint(61, 900)
        where = self.write.where()
        name = chance.choice(
            [
                self.write.pick(SERIES),
                f"{where.name}{self.write.pick(SERIES)}",
                f"《{self.write.pick(SERIES)}》",
                " ".join(self.write.pick(SERIES)),
            ]
        )
        issue = chance.choice([
            f"第{number}期", f"{year}年第{number}期", f"（第{number}期）", f"{year}年第{number}期（总第{total}期）", f"第{han(min(number, 99))}期", f"〔{year}〕第{number}号",
            f"第 {number} 期 总第 {total} 期", f"总第{total}期", f"[{year}]{number}", f"专报第{number}号", f"NO.{number}", f"信〔{year}〕{number}号", f"Vol.{number}",
        ])  # fmt: skip
        date = chance.choice(
            [
                f"{year}年{month}月{day}日",
                f"{year}-{month:02d}-{day:02d}",
                f"{year}.{month}.{day}",
                f"二〇二{HAN[year % 10 - 1] if year % 10 else '〇'}年{han(month)}月{han(day)}日",
            ]
        )
        office = chance.choice(
            [
                where.office,
                f"中共{where.name}委办公室",
                f"{where.name}人民政府办公室",
                f"{where.name}领导小组办公室",
                f"{where.office}编",
            ]
        )
        red = replace(
            self.heading_look(1), size=chance.choice([1.5, 2.0, 2.6]), coloured=self.often(0.6), centred=self.often(0.85)
        )
        lines: list[tuple[str, Look]] = []
        if self.often(0.9):
            lines.append((name, red))
        if self.often(0.85):
            lines.append((issue, Look(centred=self.often(0.8))))
        apart = self.often(0.5)
        if apart:
            lines += [(office, Look()), (date, Look(right=self.often(0.6)))] if self.often(0.8) else [(date, Look(right=True))]
        else:
            lines.append((f"{office}{chance.choice(['　　', '    ', ' '])}{date}", Look(ruled=self.often(0.3))))
        if self.often(0.2):
            lines.insert(0, (chance.choice(["内部资料 注意保存", "（内部参阅）", "密级：内部", "仅供领导参阅"]), Look()))
        if self.often(0.1):
            lines.append((chance.choice(["签发：王某某", f"编辑：{office}", "本期共4页", "━━━━━━━━━━"]), Look()))
        if self.often(0.15):
            chance.shuffle(lines)
        for text, look in lines:
            self.add(text, "M", look)

    def _plan(self, cases: bool = False) -> tuple[list[tuple[Where, str]], dict[int, str]]:
        """Return the items, place and title, and the sections by the number of the item that they open before."""
        count = self.chance.choice([2, 3, 4, 5, 6, 7, 8, 10, 12, 16])
        named = self.chance.choice([1.0, 0.9, 0.8, 0.6, 0.3])
        same = self.write.where() if self.often(0.12) else None
        items = []
        for _ in range(count):
            where = replace(self.write.where(), **({"name": same.name, "office": same.office} if same else {}))
            items.append((where, self.write.title(where, named)))
        sections: dict[int, str] = {}
        if self.often(0.3 if cases else 0.55):
            at = 0
            while at < count:
                sections[at] = self.write.pick(SECTIONS)
                at += self.chance.randint(1, max(1, count // 2) + 1)
        elif self.often(0.15):  # one heading over all items: a feature within an issue
            sections[0] = self.write.title(self.write.where(), 0.3) + self.chance.choice(
                ["的做法", "的做法与启示", "", "经验选登"]
            )
        return items, sections

    def _contents(self, items: list[tuple[Where, str]], sections: dict[int, str]) -> None:
        chance = self.chance
        if self.often(0.9):
            self.add(
                chance.choice(["目录", "目 录", "目　　录", "【目录】", "本期目录", "本期要目", "本期导读", "要目", "★目录★"]),
                "C",
                self.heading_look(0.8),
            )
        leader = chance.choice(["", "", "……", "…………………", "......", "····", "  "])
        paged = self.often(0.6) if leader else self.often(0.15)
        mark = chance.choice(["", "", "☆", "·", "●", "◇ ", "-"])
        numbering = chance.choice(["", "", "third", "main", "third_dun", "second"])
        style = chance.choice([("【", "】"), ("", ""), ("◆", ""), ("—", "—"), ("〖", "〗")])
        with_sections, credited = self.often(0.6), self.often(0.1)
        page, look = 1, Look()
        for number, (where, title) in enumerate(items):
            if number in sections and with_sections:
                self.add(style[0] + sections[number] + style[1], "C", look)
            end = (
                f"{leader}{chance.choice(['', '（'])}{page}" if paged else leader if leader.strip() and self.often(0.2) else ""
            )
            end += "）" if "（" in end else ""
            number_mark = NUMBERINGS[numbering](number + 1) if numbering else mark
            credit = f"（{where.office}）" if self.often(0.1) else ""
            text = f"{number_mark}{title}{credit}{end}"
            if len(text) > 26 and self.kind in ("txt", "pdf") and self.often(0.15):
                self.add(text[:20], "C", look)
                text = text[20:]
            self.add(text, "C", look)
            if credited:
                self.add(f"——{where.office}", "C", look)
            page += chance.randint(1, 3)

    def _items(self, items: list[tuple[Where, str]], sections: dict[int, str], cases: bool = False) -> None:
        chance = self.chance
        section = self._section_style()
        numberings = ["", "", "", "main", "second", "third", "third_dun", "third_space", "circled", "padded", "bracketed"]
        numbering = chance.choice(
            [*numberings, *(["case", "case_digit", "experience", "part"] if cases or self.often(0.1) else [])]
        )
        if section.numbering == numbering:
            numbering = ""
        mark = "" if numbering else chance.choice(["", "", *MARKS[:12], chance.choice(MARKS)])
        place = (
            ""
            if numbering and self.often(0.8)
            else chance.choice(["", "", "", "", "【{}】", "【{}】", "{}：", "[{}] ", "◎{}：", "{} ", "{}　", "{} "])
            if not mark
            else chance.choice(["", "", "", "【{}】", "{}："])
        )
        titled = chance.choices(["own", "stop", "space", "bold", "none"], [54, 12, 8, 11, 15])[0]
        if not (mark or numbering or place) and titled in ("stop", "space", "none") and not self.often(0.5):
            titled = "own"
        look = self.heading_look(0.95 if not (mark or numbering or place) else 0.65)
        if self.kind == "txt" and self.often(0.3):
            mark = numbering = place = ""
        if titled == "own" and not (mark or numbering or place) and look == Look(indent=self.body_indent):
            look = replace(look, bold=True, centred=self.often(0.5))
        credit = chance.choices(["none", "end", "own", "right", "under", "before"], [34, 26, 14, 8, 13, 5])[0]
        credits = [
            chance.choice(["（{}供稿）", "（{}）", "（来源：{}）", "（{}报送）", "【{}供稿】", "({})"]),
            chance.choice(
                [
                    "供稿：{}",
                    "——{}",
                    "来源：{}",
                    "报送单位：{}",
                    "（{}供稿）",
                    "{}",
                    "（{}）",
                    "稿件来源：{}",
                    "作者单位：{}",
                    "（撰稿：{}）",
                    "（案例提供：{}）",
                    "作者：{}",
                    "（作者：{}）",
                    "供稿单位：{}",
                    "来源丨{}",
                    "（{}局 王某）",
                ]
            ),
        ]
        subheads = self._subhead_style(numbering)
        restart, short = self.often(0.5), self.often(0.3)
        long = chance.choice([1, 2, 2, 3, 4, 6])
        split_title = self.often(0.12)
        self.apart = numbering in ("case", "case_digit", "padded", "experience", "part") and titled == "own" and self.often(0.5)
        counted = 0
        for number, (where, title) in enumerate(items):
            if number in sections:
                text = (
                    (NUMBERINGS[section.numbering](sorted(sections).index(number) + 1) if section.numbering else "")
                    + section.around[0]
                    + sections[number]
                    + section.around[1]
                )
                self.add(text, "S", section.look)
                counted = 0 if restart else counted
            counted += 1
            front = NUMBERINGS[numbering](counted) if numbering else mark
            front += chance.choice([" ", ""]) if front and not numbering and self.often(0.2) else ""
            if place:
                front += place.format(where.name if not short else where.name[:2])
                title = title.removeprefix(where.name) or title
            if credit == "before" and titled == "own":
                self.add(credits[1].format(where.office), "K", Look())
            opened = self._open_item(front, title, titled, look, where, split_title)
            if credit == "under" and titled == "own":
                self.add(
                    credits[1].format(where.office), "K", Look(centred=look.centred and self.often(0.7), right=self.often(0.3))
                )
            self._body(where, titled, long if opened == "own" else chance.randint(0, max(0, long - 2)), subheads, cases)
            if credit == "end":
                last = self.lines[-1]
                if last.form != "row":
                    self.lines[-1] = replace(last, text=last.text + credits[0].format(where.office))
                else:
                    self.add(credits[0].format(where.office), "K", Look(right=self.often(0.5)))
            elif credit in ("own", "right") or (credit in ("under", "before") and titled != "own"):
                self.add(credits[self.often(0.5)].format(where.office), "K", Look(right=credit == "right" or self.often(0.5)))

    def _open_item(self, front: str, title: str, titled: str, look: Look, where: Where, split_title: bool) -> str:
        if titled == "own":
            if front and self.apart:
                self.add(front.strip(" 　：:、.．"), "X", look)
                front = ""
            if split_title and len(title) > 10 and self.often(0.5):
                at = len(title) // 2
                self.add(front + title[:at], "T", look)
                self.add(title[at:] if self.often(0.5) else f"——{title[at:]}", "U", look)
            elif split_title:
                self.add(front + title, "T", look)
                self.add(
                    f"——{where.name}{self.chance.choice([*SUBHEADS, self.write.title(where, 0)])}{self.write.pick(ENDINGS)}",
                    "U",
                    look if self.often(0.6) else Look(centred=look.centred),
                )
            else:
                self.add(front + title, "T", look)
            return "own"
        text = self.write.paragraph(where, 5)
        plain = Look(indent=self.body_indent)
        if titled == "stop":
            self.add(f"{front}{title}。{text}", "R", plain if self.often(0.6) else replace(plain, lead=len(front + title)))
        elif titled == "space":
            self.add(
                f"{front}{title}{self.chance.choice(['　', ' ', '：', '——'])}{text}",
                "R",
                replace(plain, lead=len(front + title) if self.often(0.5) else 0),
            )
        elif titled == "bold":
            self.add(
                f"{front}{title}{self.chance.choice(['。', '　', '：'])}{text}", "R", replace(plain, lead=len(front + title))
            )
        else:
            named = text if where.name in text[:12] or front.rstrip("】：:] 　").endswith(where.name[:2]) else where.name + text
            self.add(f"{front}{named}", "R", plain)
        return "run"

    def _body(self, where: Where, titled: str, count: int, subheads: Style | None, cases: bool) -> None:
        plain = Look(indent=self.body_indent)
        parts = ["背景", "做法", "成效", "启示"] if self.often(0.45 if cases else 0.06) else []
        label = self.chance.choice(["{}", "【{}】", "{}：", "★{}"])
        if parts and count:
            numbered = self.chance.choice(["", "", "main", "second"])
            for at, part in enumerate(parts[: self.chance.randint(2, 4)]):
                if numbered:
                    self.add(
                        NUMBERINGS[numbered](at + 1) + self.chance.choice([part, f"{part}：{self.write.title(where, 0)}"]),
                        "H",
                        subheads.look if subheads else plain,
                    )
                    self.add(self._named(where, at == 0), "B", plain)
                elif label == "{}：" or self.often(0.3):
                    lead = len(label.format(part)) if self.often(0.5) else 0
                    self.add(label.format(part) + self._named(where, at == 0), "B", replace(plain, lead=lead))
                else:
                    self.add(label.format(part), "H", subheads.look if subheads else plain)
                    self.add(self.write.paragraph(where, 4), "B", plain)
            return
        if titled == "own" and self.often(0.02):
            self._several_places(plain)
            return
        for number in range(max(count, 1 if titled == "own" else 0)):
            if subheads and self.often(0.6):
                front = NUMBERINGS[subheads.numbering](number + 1) if subheads.numbering else subheads.mark
                head = self.chance.choice([self.write.pick(SUBHEADS), self.write.title(where, 0.05)])
                if self.often(0.6):
                    self.add(front + head, "H", subheads.look)
                else:
                    self.add(
                        f"{front}{head}。{self.write.paragraph(where, 3)}",
                        "B",
                        replace(plain, lead=len(front + head) if self.often(0.5) else 0),
                    )
                    continue
            roll = self.chance.random()
            if roll < 0.12:
                self.add(self.write.measures(where), "B", plain)
            elif roll < 0.16:
                for _ in range(self.chance.randint(2, 5)):
                    self.add(
                        " | ".join(
                            [self.write.where().name, str(self.chance.randint(1, 900)), f"{self.chance.randint(1, 99)}%"]
                        ),
                        "B",
                        Look(),
                        "row",
                    )
            elif roll < 0.18:
                self.add(f"图为{where.name}{self.write.pick(SUBHEADS)}现场。（{where.name}供图）", "P", Look(centred=True))
            elif roll < 0.21:
                for count in range(self.chance.randint(2, 4)):
                    self.add(f"{HAN[count]}是{self.write.sentence(where)}", "B", plain)
            else:
                self.add(self._named(where, number == 0), "B", plain)

    def _several_places(self, plain: Look) -> None:
        """Add a body whose paragraphs tell of one place each: still one item."""
        form, lead = self.chance.choice(["{}：{}。", "{}{}。", "{}——{}。"]), self.often(0.5)
        if self.often(0.7):
            self.add(self.write.paragraph(self.write.where(), 3), "B", plain)
        for _ in range(self.chance.randint(2, 4)):
            where = self.write.where()
            head = form.format(where.name, self.write.title(where, 0))
            self.add(head + self.write.paragraph(where, 3), "B", replace(plain, lead=len(head) if lead else 0))

    def _named(self, where: Where, first: bool) -> str:
        """Return a paragraph; many begin with the place that they tell of, and some with another."""
        text = self.write.paragraph(where)
        roll = self.chance.random()
        if roll < (0.55 if first else 0.22):
            return where.name + self.chance.choice(["", "地处山区，", "紧盯重点任务，", "现有", "坚持问题导向，"]) + text
        if roll > 0.95:
            return self.write.where().name + text
        if roll > 0.9:
            return (
                self.chance.choice(
                    [
                        "近日，",
                        "今年以来，",
                        f"{self.chance.randint(1, 12)}月{self.chance.randint(1, 28)}日，",
                        "据了解，",
                        "针对这一问题，",
                        "走进",
                    ]
                )
                + where.name
                + text
            )
        return text

    def _section_style(self) -> Style:
        around = self.chance.choice(
            [
                ("【", "】"),
                ("【", "】"),
                ("〖", "〗"),
                ("★", ""),
                ("★", "★"),
                ("＝＝", "＝＝"),
                ("◎", ""),
                ("—— ", " ——"),
                ("◆ ", " ◆"),
                ("", ""),
                ("", ""),
                ("▍", ""),
                ("[", "]"),
                ("■ ", ""),
                ("———", "———"),
            ]
        )
        numbering = self.chance.choice(["", "", "", "main", "second"]) if around == ("", "") else ""
        look = self.heading_look(0.9)
        if around == ("", "") and not numbering:
            look = replace(look, bold=True, centred=True, size=max(look.size, 1.1))
        return Style(look, numbering=numbering, around=around)

    def _subhead_style(self, numbering: str) -> Style | None:
        if not self.often(0.35):
            return None
        free = [name for name in ("main", "second", "third", "third_dun", "fourth") if name != numbering]
        if numbering in ("second", "third", "third_dun", "third_space"):
            free = [name for name in free if name not in ("main", *(("second",) if numbering != "second" else ()))]
        return Style(
            self.heading_look(0.6), numbering=self.chance.choice([*free, "", ""]), mark=self.chance.choice(["", "", "●", "◆"])
        )

    def _closing(self) -> None:
        where, chance = self.write.where(), self.chance
        lines = [
            chance.choice(["报：", "送：", "呈：", "报送：", "主送：", "抄报："]) + "市委、市政府领导，市直有关部门。", chance.choice(["发：", "分送：", "抄送："]) + f"各县（市、区）{chance.choice(['党委', '人民政府', '办公室'])}。",
            f"责任编辑：{chance.choice(['李某', '张某某', '王明'])}　　核稿：{chance.choice(['陈某', '赵某'])}", f"{where.office}　　{chance.randint(2020, 2025)}年{chance.randint(1, 12)}月{chance.randint(1, 28)}日印发", f"（共印{chance.randint(20, 300)}份）",
            f"联系电话：{chance.randint(1000, 9999)}XXXX", f"编辑：{where.office}",
        ]  # fmt: skip
        chosen = sorted(chance.sample(range(len(lines)), chance.randint(1, 4)))
        for at in chosen:
            self.add(lines[at], "D", Look(ruled=self.often(0.2)))

    # --- documents that are no issues ---------------------------------------------------------------------------------------

    def _notice(self) -> None:
        where = self.write.where(20)
        kind = self.chance.choice(["通知", "通报", "实施意见", "方案", "报告", "讲话", "会议纪要", "规划", "办法"])
        if self.often(0.5):
            self.add(
                self.chance.choice(
                    [
                        f"{where.name}人民政府",
                        f"{where.name}人民政府文件",
                        f"{where.office}文件",
                        "会议纪要",
                        "专题会议纪要",
                        f"中共{where.name}委办公室",
                    ]
                ),
                "M",
                replace(self.heading_look(1), size=1.6, coloured=self.often(0.5)),
            )
        if self.often(0.4):
            self.add(
                self.chance.choice(
                    [
                        f"〔{self.chance.randint(2020, 2025)}〕{self.chance.randint(1, 60)}号",
                        f"第{self.chance.randint(1, 40)}次",
                        f"第{self.chance.randint(1, 40)}期",
                    ]
                ),
                "M",
                Look(centred=True),
            )
        self.add(
            self.chance.choice(
                [
                    f"{where.name}关于{self.write.title(where, 0)}的{kind}",
                    f"关于{self.write.title(where, 0)}有关问题的{kind}",
                    f"在{self.write.title(where, 0)}会议上的讲话",
                    f"{where.name}{self.write.title(where, 0)}{kind}（{self.chance.randint(2021, 2024)}—2027年）",
                ]
            ),
            "M",
            self.heading_look(1),
        )
        if self.often(0.5):
            self.add(
                f"{where.name[:2]}政发〔{self.chance.randint(2020, 2024)}〕{self.chance.randint(1, 99)}号",
                "M",
                Look(centred=True),
            )
        self.add("各县（市、区）人民政府，市直有关单位：" if self.often(0.6) else self.write.paragraph(where, 2), "B")
        look, deep = self.heading_look(0.7), self.heading_look(0.4)
        upper, lower = self.chance.choice(
            [
                ("main", "second"),
                ("main", "second"),
                ("main", "third"),
                ("second", "third"),
                ("main", "third_wide"),
                ("case", "second"),
                ("", "main"),
            ]
        )
        form = self.chance.choice(["run", "own", "plain", "mixed"])
        for _ in range(self.chance.randint(0, 2)):
            self.add(self._named(self.write.where(), True), "B", Look(indent=2.0))
        for number in range(self.chance.randint(2, 6)):
            head = self.chance.choice(
                [self.write.title(where, 0), self.write.pick(SUBHEADS), f"关于{self.write.title(where, 0)}"]
            )
            front = f"第{han(number + 1)}章　" if upper == "case" else NUMBERINGS[upper](number + 1) if upper else ""
            self.add(front + head, "H", look if front else replace(look, bold=True))
            if self.often(0.3):
                self.add(self._named(where, True), "B", Look(indent=2.0))
            for inner in range(self.chance.randint(1, 4)):
                kind = form if form != "mixed" else self.chance.choice(["run", "own", "plain"])
                head = self.chance.choice([self.write.pick(SUBHEADS), self.write.title(where, 0)])
                if kind == "run":
                    self.add(
                        f"{NUMBERINGS[lower](inner + 1)}{head}。{self._named(self.write.where(), True)}", "B", Look(indent=2.0)
                    )
                elif kind == "own":
                    self.add(NUMBERINGS[lower](inner + 1) + head, "H", deep)
                    self.add(self._named(self.write.where(), True), "B", Look(indent=2.0))
                else:
                    self.add(self._named(self.write.where(), False), "B", Look(indent=2.0))
        if self.often(0.3):
            self.add(self.chance.choice(["附件：", "附：", "附件1："]) + self.write.title(where, 0), "D", Look(indent=2.0))
        if self.often(0.25):
            for label in self.chance.sample(["出席：", "列席：", "参会：", "记录：", "缺席："], 2):
                self.add(f"{label}张某某、李明、王华", "D", Look(indent=2.0))
        if self.often(0.6):
            self.add(where.office, "D", Look(right=True))
            self.add(
                f"{self.chance.randint(2020, 2025)}年{self.chance.randint(1, 12)}月{self.chance.randint(1, 28)}日",
                "D",
                Look(right=True),
            )
        for number in range(self.chance.randint(1, 3) if self.often(0.3) else 0):
            self.add(f"附件{number + 1}", "H", Look())
            self.add(self.write.title(where, 0), "H", self.heading_look(0.9))
            for _ in range(self.chance.randint(1, 8)):
                if self.often(0.5):
                    self.add(" | ".join([str(number), self.write.where().name, self.write.sentence(where)]), "B", None, "row")
                else:
                    self.add(f"{self.chance.randint(1, 9)}.{self.write.sentence(self.write.where())}", "B", Look(indent=2.0))

    def _regulation(self) -> None:
        """A real notice, plan or rule: its numbered short lines are headings, whatever they are about."""
        if not (text := self.write.numbered()):
            self._notice()
            return
        self.add(text.title, "M", self.heading_look(1))
        look, first = self.heading_look(0.6), self.chance.randrange(max(1, len(text.lines) - 20))
        for line in text.lines[:3] + text.lines[max(3, first) : first + 60]:
            heading = bool(opening_of(line).number) and len(line) <= 36 and line[-1] not in "。；："
            self.add(line, "H" if heading else "B", look if heading else Look(indent=self.body_indent))

    def _special(self) -> None:
        """An issue of one case: its title above, under or beside an editor's note, its parts numbered."""
        self._masthead()
        where, noted = self.write.where(12), self.often(0.4)
        note = self.chance.choice(["编者按：", "【按语】", "按：", "编者按 "]) + self.write.paragraph(where, 3)
        if noted and self.often(0.5):
            self.add(note, "N")
            noted = False
        look, title = self.heading_look(0.85), self.write.title(where, 0.5)
        if self.often(0.35):
            self.add(title, "T", look)
            self.add(f"——{where.name}{self.write.pick(SUBHEADS)}的实践与启示", "U", look)
        else:
            self.add(title, "T", look)
        if self.often(0.2):
            self.add(
                self.chance.choice(
                    [where.office, f"（{where.office}）", f"{self.chance.randint(2020, 2025)}年{self.chance.randint(1, 12)}月"]
                ),
                "K",
                Look(centred=True),
            )
        if noted:
            self.add(note, "N")
        style = self._subhead_style("") or Style(self.heading_look(0.6), numbering="main")
        for _ in range(self.chance.randint(0, 2)):
            self.add(self._named(where, True), "B", Look(indent=self.body_indent))
        self._body(where, "own", self.chance.randint(2, 8), style, False)
        if self.often(0.4):
            self.add(f"（{where.office}{self.chance.choice(['供稿', ''])}）", "K", Look(right=self.often(0.5)))
        if self.often(0.6):
            self._closing()

    def _chronicle(self) -> None:
        """An issue whose items are days."""
        self._masthead()
        month, day = self.chance.randint(1, 12), 1
        if self.often(0.3):
            self.add(f"{month}月", "S", self.heading_look(0.8))
        form = self.chance.choice(["{}月{}日，", "{}月{}日，", "{}月{}日 ", "{}月{}日：", "2024年{}月{}日，"])
        for _ in range(self.chance.randint(3, 12)):
            day = min(28, day + self.chance.randint(1, 5))
            span = f"{day}日至{day + 2}" if self.often(0.15) else str(day)
            self.add(form.format(month, span) + self._named(self.write.where(), True), "R", Look(indent=self.body_indent))
        if self.often(0.3):
            self.add(
                self.chance.choice(["同月，", "当月，"]) + self.write.paragraph(self.write.where(), 2),
                "R",
                Look(indent=self.body_indent),
            )
        if self.often(0.5):
            self._closing()

    def _article_head(self, where: Where) -> None:
        self.add(self.write.title(where), "M", self.heading_look(1))
        if self.often(0.85):
            self.add(
                self.chance.choice(
                    [
                        f"来源：示例日报　{self.chance.randint(2020, 2025)}-{self.chance.randint(1, 12):02d}-11　记者 张三",
                        "示例新闻客户端记者 王一",
                        f"{self.chance.randint(2020, 2025)}年{self.chance.randint(1, 12)}月3日　来源：某网",
                        "本报记者 李四 通讯员 赵五",
                        f"示例日报{self.chance.randint(2020, 2025)}-04-1{self.chance.randint(0, 9)}第{self.chance.randint(1, 8)}版",
                        f"{self.chance.randint(2020, 2025)}-08-19 07:15",
                        "某市融媒体中心",
                        f"发布时间：{self.chance.randint(2020, 2025)}-05-06 10:00 浏览次数：{self.chance.randint(3, 999)}",
                    ]
                ),
                "M",
            )

    def _article(self) -> None:
        where = self.write.where(16)
        self._article_head(where)
        if self.often(0.4):
            self.add(
                self.chance.choice(["本报讯（记者 张三 通讯员 李四）", "示例社3月5日电（记者 王一）", "本刊讯 "])
                + self._named(where, True),
                "B",
                Look(indent=self.body_indent),
            )
        look = self.heading_look(0.6)
        named = self.often(0.4)
        for _ in range(self.chance.randint(3, 12)):
            if named and self.often(0.6):
                self.add(self._named(where, True), "B", Look(indent=self.body_indent))
            if self.often(0.2):
                self.add(self.write.title(where, 0)[:18], "H", look)
            elif self.often(0.08):
                self.add(f"{where.name}一角。{self.chance.choice(['记者 李四摄', '受访者供图', '资料图片'])}", "P")
            self.add(self._named(where, False), "B", Look(indent=self.body_indent))

    def _feature(self) -> None:
        """An article whose subheads each tell of another place: as many cases."""
        self._article_head(self.write.where())
        for _ in range(self.chance.randint(1, 2)):
            self.add(self.write.paragraph(self.write.where(), 3), "N", Look(indent=self.body_indent))
        look, form = self.heading_look(0.8), self.chance.choice(["{}：{}", "{}", "{} {}", "【{}】{}", "▍{}：{}", "▍{}"])
        for _ in range(self.chance.randint(3, 7)):
            where = self.write.where()
            title = (
                form.format(where.name, self.write.title(where, 0))
                if form.count("{}") == 2
                else form.format(self.write.title(where, 1))
            )
            self.add(title, "T", look)
            for _ in range(self.chance.randint(1, 4)):
                self.add(self.write.paragraph(where, 4), "B", Look(indent=self.body_indent))

    def _digest(self) -> None:
        """News in brief: a title and a byline, then headlines, each with a paragraph or two."""
        chance = self.chance
        self.add(
            chance.choice(
                [
                    "简讯",
                    "要闻速览",
                    "一周要闻",
                    "各地动态",
                    "今日快讯",
                    "工作短讯",
                    "国内新闻",
                    self.write.where().name + "快讯",
                ]
            ),
            "M",
            self.heading_look(0.9),
        )
        if self.often(0.6):
            self.add(
                chance.choice(
                    [
                        "示例网消息：",
                        "示例新闻客户端",
                        "本刊综合消息：",
                        f"{chance.randint(2020, 2025)}年{chance.randint(1, 12)}月3日　来源：某网",
                    ]
                ),
                "M",
            )
        look = self.heading_look(0.4)
        for _ in range(chance.randint(2, 9)):
            where = self.write.where()
            self.add(self.write.title(where), "T", look)
            for _ in range(chance.choice([1, 1, 1, 2])):
                self.add(self.write.paragraph(where, 4), "B", Look(indent=self.body_indent))
        if self.often(0.1):
            self._closing()

    def _minutes(self) -> None:
        self._masthead()
        head = self.chance.choice(["座谈会发言摘要", "现场会交流发言摘登", "会议发言选登", "调研座谈会上的发言"])
        self.add(
            self.chance.choice([self.write.title(self.write.where(), 0) + head, head, head[-4:]]), "M", self.heading_look(0.9)
        )
        for _ in range(self.chance.randint(0, 2)):
            note = self.chance.choice(["", "", "编者按：", "【编者按】"])
            self.add(note + self.write.paragraph(self.write.where(), 3), "N", Look(indent=2.0))
        form = self.chance.choice(["{}：{}", "{}：{}", "{}（{}）：{}", "{}"])
        for _ in range(self.chance.randint(3, 8)):
            where = self.write.where()
            person = self.chance.choice(["张某某", "李明", "王主任", "陈局长"])
            office = where.office + self.chance.choice(["", "局长", "主任李明", "党委书记王某某", "副县长张某"])
            office = self.chance.choice(
                [
                    office,
                    office,
                    where.name + self.chance.choice(["副县长许某", "常务副市长陆某", "镇党委书记叶某", "委员"]),
                    f"{person}委员",
                ]
            )
            if self.often(0.05):
                self.add(f"主持人：{self.write.sentence(where)}", "B", Look(indent=2.0))
            if form == "{}":
                self.add(f"{where.office} {person}", "T", self.heading_look(0.8))
                self.add(self.write.paragraph(where), "B", Look(indent=2.0))
            else:
                text = form.format(
                    *(
                        (office, self.write.paragraph(where))
                        if form == "{}：{}"
                        else (person, where.office, self.write.paragraph(where))
                    )
                )
                self.add(text, "R", Look(indent=2.0, lead=text.index("：") if self.often(0.5) else 0))
            for _ in range(self.chance.randint(0, 2)):
                self.add(self.write.paragraph(where), "B", Look(indent=2.0))

    def _table(self) -> None:
        """An issue whose items are rows of a table."""
        self._masthead()
        self.add(
            self.chance.choice(
                [
                    "序号 | 地区 | 主要做法 | 成效",
                    "序号 | 单位 | 工作动态",
                    "地区 | 做法",
                    "序号 | 区县 | 做法名称 | 主要内容 | 报送单位",
                ]
            ),
            "M",
            None,
            "row",
        )
        columns = self.lines[-1].text.count("|") + 1
        for number in range(self.chance.randint(3, 9)):
            where = self.write.where()
            cells = (
                [str(number + 1)] * (columns > 2)
                + [where.name]
                + [self.write.title(where, 0)] * (columns > 4)
                + [self.write.paragraph(where, 3)]
                + [where.office if columns > 4 else self.write.sentence(where)] * (columns > 3)
            )
            self.add(" | ".join(cells), "R", None, "row")
        if self.often(0.5):
            self._closing()

    # --- what the reader of a format makes of it ---------------------------------------------------------------------------

    def _as_the_format_tells(self) -> Iterator[Made]:
        blind = self.often(0.65 if self.kind == "txt" else 0.12)
        tells = {
            name: self.often(0.85)
            for name in ("size", "bold", "lead", "centred", "right", "indent", "space", "coloured", "level", "ruled")
        }
        running = f"{self.write.pick(SERIES)}　第{self.chance.randint(1, 30)}期" if self.often(0.06) else ""
        for number, line in enumerate(self.lines):
            if running and number and number % 12 == 0:
                yield Made(running, "X", None if blind else Look(size=0.85, centred=True))
            if self.kind in ("txt", "pdf") and number and self.often(0.004):
                yield Made(
                    self.chance.choice([f"- {number} -", f"第{number}页", f"—{number}—"]),
                    "X",
                    None if blind else Look(centred=True),
                )
            look = line.look or Look()
            if self.kind == "txt":  # spaces tell where a line stands
                look = Look(centred=look.centred, right=look.right, indent=look.indent)
            if self.kind == "pdf":
                look = replace(look, level=0, listed=False)
            if self.kind == "html":
                look = replace(look, space=0.0, ruled=False)
            look = replace(look, **{name: getattr(Look(), name) for name, told in tells.items() if not told})
            yield replace(line, look=None if blind else look)


def documents(count: int, seed: int = 1) -> Iterator[list[Made]]:
    """Yield so many documents, the same for the same seed."""
    for number in range(count):
        made = Layout(seed * 1_000_003 + number).make()
        if len(made) > 3:
            yield made


if __name__ == "__main__":
    for made in documents(3, seed=7):
        for line in made:
            print(
                line.role,
                line.look and f"{line.look.size} {'b' if line.look.bold else ''}{'c' if line.look.centred else ''}",
                line.text[:60],
            )
        print("-" * 40)
