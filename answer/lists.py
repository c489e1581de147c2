"""Answers that are lists: cases (哪些县市做过…), heads of an item's measures (怎么做的), the points of a text (讲了什么)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from answer.judge import THRESHOLD, Judged, share
from answer.question import Order
from answer.sentences import Sentence, sentences_of
from answer.subject import said
from cases.summary import result_of
from index.models.reader import Span, within
from index.store.records import StoredPassage
from index.text.sentences import LINE_OR_SENTENCE
from index.text.words import tokens
from ingest.document import Document, Item, Measure
from ingest.extracted import CELL
from ingest.facts.gazetteer import level_of

PASSAGES = 40  # retrieved passages in which cases are looked for
MOST_CASES = 10
_LINES = 2  # sentences quoted of one of them
# A case is listed if its best sentence, with its title, contains at least this share of the IDF that the best case's contains.
_CASE = 0.6
_LEAST_POINT = 10  # characters of a sentence
_COVERED = 0.5  # least share of the topic's IDF that the best case contains, for there to be any
MOST_MEASURES, MOST_POINTS = 8, 8
_ANSWERS = 0.5  # probability from which a measure is part of an answer
_MOST_OF = 0.6  # share of a passage's measures
_ABOUT = re.compile(
    r"(?:讲|说|谈|强调|介绍)(?:的是|的都?是|了|到)?.{0,6}(?:什么|啥|哪些)(?:内容|事情?|问题|打算|要求)?[呢啊呀]?[？?。]?$"
    r"|主要(?:内容|精神|意思)|主旨|中心(?:意思|思想|内容)|大意|要点|干(?:什么|啥)的[？?。]?$|什么内容|什么事[？?。]?$"
)
_TEXT = re.compile(
    r"通知|文件|办法|意见|(?:座谈|发布|现场|推进)会|会议|大会|峰会|论坛|演讲|讲话|专访|访谈|报道|新闻|文章|快讯|消息|(?:来|公开|感谢|慰问)信|函"
    r"|公告|通告|公报|方案|规划|条例|[那这][条篇份则]|《|[〕】]\s*\d+号"
)
_FRAME = re.compile(rf"{_ABOUT.pattern}|主要|[那这本该][条篇份则个次场]|的(?:通知|文件|报道|新闻|文章|消息)")
_LINE = re.compile(r"[^\n]+")
_SENTENCE_END = re.compile(r"[。；;！？]")

Line = tuple[Document, Item, int, int]  # a span of a document


def cases(judged: Judged) -> list[Line]:
    """Return what each item that fits the question did and reached, one per county, in the order that the question asks for.

    Of an item of which no such sentence is about the question, it is its best sentence. One item is no list.
    """
    best: dict[str, tuple[float, StoredPassage, Sentence]] = {}
    for stored in judged.retrieved.passages:
        about = f"{stored.item.title} {stored.document.title if stored.document.kind == 'news' else ''}"
        sentence = max(sentences_of([stored]), key=lambda one: share(judged.rarity, one.text), default=None)
        if sentence is None:
            continue
        covered = share(judged.rarity, f"{about} {sentence.text}")
        if covered > best.get(stored.item_id, (0.0,))[0]:
            best[stored.item_id] = (covered, stored, sentence)
    most = max((covered for covered, *_ in best.values()), default=0.0)
    if most < _COVERED:
        return []
    kept = [(stored, sentence) for covered, stored, sentence in best.values() if covered and covered >= _CASE * most]
    distinct: dict[str, tuple[StoredPassage, Sentence]] = {}
    for stored, sentence in _ordered(kept, judged.question.order):
        distinct.setdefault(_county_or_item(stored), (stored, sentence))
    if len(distinct) < 2:
        return []
    return [line for one in list(distinct.values())[:MOST_CASES] for line in _told(judged, *one)]


def _told(judged: Judged, stored: StoredPassage, best: Sentence) -> list[Line]:
    """Return the sentences of an item that say what was done and what came of it, if they are as much about the question."""
    title, wanted = stored.item.title, share(judged.rarity, f"{stored.item.title} {best.text}")
    told = [line for line in result_of(stored.document, stored.item) if line.roles[0] != "how"]
    fitting = [line.span for line in told if share(judged.rarity, f"{title} {line.text}") >= _CASE * wanted]
    spans = fitting[:_LINES] or [(best.start, best.end)]
    return [(stored.document, stored.item, *span) for span in spans]


def _county_or_item(stored: StoredPassage) -> str:
    """Return what identifies a case: the place that its item is about, a county before its province, else the item."""
    return max(stored.item.regions, key=lambda region: level_of(region.name)).name if stored.item.regions else stored.item_id


def _ordered(found: list[tuple[StoredPassage, Sentence]], order: Order) -> list[tuple[StoredPassage, Sentence]]:
    if order == "largest":
        return sorted(found, key=lambda one: -_largest(*one))
    if order:
        dated = sorted((one for one in found if one[0].document.date), key=lambda one: one[0].document.date)
        undated = [one for one in found if not one[0].document.date]
        return (dated if order == "first" else dated[::-1]) + undated
    return found


def _largest(stored: StoredPassage, quote: Sentence) -> float:
    inside = (
        figure for figure in stored.item.figures if quote.start <= figure.start < quote.end and figure.unit not in ("%", "年")
    )
    return max((figure.value for figure in inside), default=0.0)


def measures(judged: Judged) -> list[tuple[Line, Span]]:
    """Return the measures that answer, each with its first sentence, and the span of its head in that; [] if it is not two.

    If most of those in the passage answer, all of the item's are meant, also those in its next passage. A sentence that ends
    in a colon answers with the list behind it.
    """
    if judged.question.single or not judged.readings:
        return []
    stored, reading = judged.stored(judged.best), judged.readings[judged.sentences[judged.best].passage]
    if introduced := _introduced(judged, stored):
        return [_with_first_sentence(stored, measure) for measure in introduced[:MOST_MEASURES]]
    if judged.question.sought != "measures":
        return []
    begin, end = stored.passage.start, stored.passage.end
    here = [one for one in stored.item.measures if one.start < end and begin < one.end]
    answering = [one for one in here if within(reading, one.start - begin, one.end - begin) >= _ANSWERS]
    if len(answering) < 2:
        if not _is_about_all(judged, stored):
            return []
        answering = here = list(stored.item.measures)
    chosen = _list_of(stored.item.measures, answering[0]) if len(answering) >= _MOST_OF * len(here) else answering
    return [_with_first_sentence(stored, measure) for measure in chosen[:MOST_MEASURES]]


def _introduced(judged: Judged, stored: StoredPassage) -> list[Measure]:
    """Return the list that begins right behind the sentence that answers, if this ends in a colon."""
    end, text = judged.sentences[judged.best].end, stored.document.text
    first = next((one for one in stored.item.measures if one.start >= end), None)
    if first is None or text[end - 1] not in ":：" or text[end : first.start].strip():
        return []
    return _list_of(stored.item.measures, first)


def _list_of(measures: Sequence[Measure], one: Measure) -> list[Measure]:
    """Return the measures of the list in which one stands: each begins where the one before ends."""
    lists: list[list[Measure]] = []
    for measure in measures:
        if lists and lists[-1][-1].end == measure.start:
            lists[-1].append(measure)
        else:
            lists.append([measure])
    return next(some for some in lists if one in some)


def _is_about_all(judged: Judged, stored: StoredPassage) -> bool:
    """Tell whether what answers stands in the paragraph before an item's measures or begins them, and shares most words."""
    listed, text, best = stored.item.measures, stored.document.text, judged.sentences[judged.best]
    if len(listed) < 2 or listed[0].start < stored.passage.start or best.start > listed[-1].end:
        return False
    if "\n" in text[best.end : listed[0].start].strip():  # other paragraphs stand between them
        return False
    whole = share(judged.rarity, f"{stored.item.title} {text[stored.item.start : listed[0].start]}")
    return all(share(judged.rarity, text[one.start : one.end]) <= whole for one in listed)


def text_asked(judged: Judged) -> StoredPassage | None:
    """Return a passage of the text whose points a question asks for (这份通知讲了什么); None if it asks for no such thing."""
    folded, passages = judged.question.query.folded, judged.retrieved.passages
    asks = _ABOUT.search(folded) and _TEXT.search(folded) and not judged.question.single and judged.question.sought != "yes_no"
    if not asks or not passages:
        return None
    if judged.found >= THRESHOLD:
        return judged.stored(judged.best)
    named = set(tokens(_FRAME.sub(" ", folded)))
    covered = share({token: idf for token, idf in judged.rarity.items() if token in named}, said(passages[0]))
    return passages[0] if judged.passages[0] and covered >= _COVERED else None


def points(document: Document, item: Item) -> list[Line]:
    """Return the main points of a text: of one in parts their titles, of another the first sentence of each paragraph.

    All sentences, if the paragraphs are few.
    """
    if document.kind != "bulletin" and len(document.items) > 1:
        titled = [(one, document.text.find(one.title, one.start, one.end)) for one in document.items if one.title]
        return [(document, one, at, at + len(one.title)) for one, at in titled if at >= 0][:MOST_POINTS]
    firsts, sentences = [], []
    for line in _LINE.finditer(document.text, item.start, item.end):
        sentences_here = LINE_OR_SENTENCE.finditer(document.text, *line.span())
        found = [one.span() for one in sentences_here if CELL not in line[0] and len(one[0]) >= _LEAST_POINT]
        firsts += found[:1]
        sentences += found
    chosen = firsts if len(firsts) > MOST_POINTS // 2 else sentences
    return [(document, item, start, end) for start, end in chosen[:MOST_POINTS]]


def _with_first_sentence(stored: StoredPassage, measure: Measure) -> tuple[Line, Span]:
    """Return a measure from its head to the end of the sentence behind it: 一是错峰上市。用成熟度地图…, and the head's span."""
    text = stored.document.text
    at = text.find(measure.head, measure.start, measure.end)
    head = at + len(measure.head) if at >= 0 else measure.end
    after = _SENTENCE_END.search(text, min(head + 1, measure.end), measure.end)
    end = after.end() if after else measure.end
    return (stored.document, stored.item, measure.start, end), (0, head - measure.start)
