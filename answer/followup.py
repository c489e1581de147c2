"""Complete follow-up questions from those before, without a model: 那临安区呢, 它带动多少人就业, 该县还有哪些做法."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.text.query import YEAR
from index.text.words import ASKING
from ingest.facts.mentions import mentions_in

MOST_TURNS = 10  # earlier questions that are considered
_WHAT_OF = re.compile(r"^(?:那么?|那末|还有|至于|换成)?[，,]?(?P<what>[^？?。]{1,20}?)(?:又?(?:怎么?样)?呢)[？?]?$")
_PLACE_WORD = re.compile(r"(?:该|这个|那个|这|本)(?:省|市|县|区|州|镇|乡|村|地区?|街道|县市)|当地|(?<!在)那里|(?<!在)这里|那边")
_THING_WORD = re.compile(
    r"它们?的?|(?<![一-龥])其(?!他|它|中|实|余|次)|(?:该|这[个项种一]?|那[个项种]?|上述|此)(?:项目|做法|政策|活动|工作|模式|办法|经验|措施|制度|平台|机制|案例|工程|文件|通知|方案|资金|会议|公司|企业|单位|事|工坊)"
    r"|(?:他|她)们?(?![人国乡处日])"
)
_YEAR = re.compile(rf"{YEAR}年|[今去前明]年")
_ASKS = re.compile(
    r"(?:请问)?(?:是)?(?:什么时候|什么|哪些|哪个|哪里|哪儿|哪家|哪年|哪一|哪|多少|几[个家名人次年天]|怎么样|怎么|怎样|如何|为何|为什么|是否|有没有|谁|多[大高长久])"
)
_BARE = re.compile(
    r"^(?:那|其中|具体|主要|还有?|又|另外|后来|最后|总共|一共|为什么|什么时候|何时|怎么|如何|有(?:什么|哪些|没有)|效果|结果|成效|哪些|多少|谁|在哪|花了|用了|是[哪谁什])"
)
_MANNERS = re.compile(r"\s*(?:谢谢|多谢|好的?|嗯|明白了?|知道了|你好|您好|ok)\W*$", re.IGNORECASE)
_LONGEST = 1000  # characters of a completed question; the same limit as for any question
_LONGEST_BARE = 14  # characters; a longer question names its own topic
_LEADING = re.compile(r"^那么?[，,]?|^其(?=中)")
_OTHERS = re.compile(r"(?:还有)?(?:其他|其它|别的)(?P<whom>县市区?|县|市|区|地方|单位|乡镇|村)?$|还有$")
_GENERAL = re.compile(
    r"效果|成效|结果|情况|做法|措施|办法|经验|原因|时间|资金|目的|作用|问题|方面|内容|一共|总共|具体|主要|时候"
)
_VERB = re.compile(r"惠及|带动|吸纳|覆盖|投入|建成|实现|达到|培训|服务|安排|获得|发放|新增|开展")  # whose object is asked for
_NO_FIGURE = re.compile(r"效果|结果|成效|情况|做法|措施|办法|经验|原因|时间$")
_LEANS = re.compile(r"^(?:那|这|其)|它|他们?的?|她|该|[那这](?:里|边|儿)|上述|刚才")
_NAMED = re.compile(r"[《“\"]|(?:19|20)\d\d年|第\d+[期届次]")
_TAIL = re.compile(r"(?:的|是|有|了|在|为|由|被|将|会|都|一共|总共|共|已经|已|累计|约|达到|达)+$")


def understood(question: str, before: Sequence[str]) -> str:
    """Return a question completed from those `before` it, earliest first; unchanged if it depends on none of them."""
    context = ""
    for turn in [*(turn for turn in before[-MOST_TURNS:] if not _MANNERS.match(turn)), question]:
        context = _completed(turn.strip(), context) if context else turn.strip()
    return context if len(context) <= _LONGEST else question


def readings_of(question: str, before: Sequence[str]) -> list[str]:
    """Return the ways to understand a question, the likeliest first: completed by rule, under the topic before it, alone."""
    whole = understood(question, before)
    if whole != question or not before or _NAMED.search(question) or _places(question):
        return [whole] if whole == question else [whole, question]
    topic = next(
        (topic for turn in reversed(_threads(before)) if (topic := topic_of(turn)) and (_NAMED.search(turn) or _places(turn))),
        "",
    )
    if not topic:
        return [question]
    return [f"{topic}，{question}"] if _LEANS.search(question) else [f"{topic}，{question}", question]


def _threads(before: Sequence[str]) -> list[str]:
    """Return the earlier questions, each completed from those before it."""
    return [understood(turn, before[:number]) for number, turn in enumerate(before) if not _MANNERS.match(turn)]


def _completed(question: str, before: str) -> str:
    if what := _WHAT_OF.match(question):
        part = what["what"].strip("，, 那")
        if others := _OTHERS.match(part):
            return f"还有哪些{others['whom'] or '地方'}做过{topic_of(before)}"
        return _replaced(part.replace(word[0], "", 1) if (word := _pronoun(part)) else part, before)
    if not _places(question) and (word := _PLACE_WORD.search(question)) and (places := _places(before)):
        return question[: word.start()] + before[slice(*places[0])] + question[word.end() :]
    topic = topic_of(before)
    if topic and (word := _pronoun(question)):
        of = "的" if word[0].endswith("的") else ""
        return question[: word.start()] + topic + of + question[word.end() :]
    if topic and len(question) <= _LONGEST_BARE and _BARE.match(question) and not _has_subject(question):
        return topic + _LEADING.sub("", question)
    return question


def _has_subject(question: str) -> bool:
    """Tell whether a short question names its own topic: a place, or a noun other than 效果 and the like."""
    import rjieba

    if question.startswith("其中"):
        return False
    words = [word for word, tag in rjieba.tag(question) if tag.startswith(("n", "j", "l", "vn")) and len(word) > 1]
    return bool(_places(question)) or any(not _GENERAL.fullmatch(word) and not ASKING.fullmatch(word) for word in words)


def _pronoun(question: str) -> re.Match[str] | None:
    """Return the first pronoun for a thing that is a whole word, unlike the characters in 其他 and 吉他."""
    import rjieba

    borders = {0}
    for word in rjieba.cut(question):
        borders.add(max(borders) + len(word))
    return next((match for match in _THING_WORD.finditer(question) if {match.start(), match.end()} <= borders), None)


def _replaced(what: str, before: str) -> str:
    """Return the previous question with its place or year replaced, or its topic with `what` asked about it."""
    places, new = _places(before), _places(what)
    if new and len(what) > new[0][1] - new[0][0] + 1:
        return f"{what}{_asking(what, before)}"  # `what` is a new topic
    if new and new[0] == (0, len(what)):
        return before[: places[0][0]] + what + before[places[0][1] :] if places else what + before
    if _YEAR.fullmatch(what):
        year = _YEAR.search(before)
        return before[: year.start()] + what + before[year.end() :] if year else what + before
    return f"{topic_of(before)}{what}{_asking(what, before)}"


def topic_of(question: str) -> str:
    """Return the topic of a question: the text before its question word, or else the text after it."""
    bare = question.rstrip("？?。！! ")
    asks = _ASKS.search(bare)
    if asks is None:
        return _TAIL.sub("", re.sub("[吗呢吧]$", "", bare))
    topic = _without_verb(_TAIL.sub("", bare[: asks.start()]))
    return topic if len(topic) > 1 and not ASKING.fullmatch(topic) else _TAIL.sub("", bare[asks.end() :].lstrip("是的在"))


def _without_verb(topic: str) -> str:
    """Remove a last verb whose object is asked for: 带动 from 缙云来料加工带动, the start of 缙云来料加工带动多少人."""
    import rjieba

    words = rjieba.cut(topic)
    return topic.removesuffix(words[-1]) if len(words) > 2 and _VERB.fullmatch(words[-1]) else topic


def _asking(what: str, question: str) -> str:
    """Return how a question asks (有多少, 是什么时候), to ask the same about `what`; "" if that does not apply."""
    if _NO_FIGURE.search(what):
        return ""
    return "有多少" if re.search("多少|几", question) else "是什么时候" if re.search("什么时候|何时|哪年", question) else ""


def _places(text: str) -> list[tuple[int, int]]:
    return [(mention.start, mention.end) for mention in mentions_in(text)]
