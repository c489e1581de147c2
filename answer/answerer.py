"""Answer a question: understand it, retrieve passages, read them; then quote, list, add up, write, or find no answer."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace

from answer import lists
from answer.answer import Answer, AnswerSentence, Form
from answer.followup import readings_of
from answer.generate import write
from answer.judge import PASSAGES, THRESHOLD, Judged, judge
from answer.known import FromCatalog, from_catalog, issues_asked
from answer.language_model import ChatModel
from answer.lists import Line
from answer.not_found import elsewhere, holdings, missing_terms
from answer.question import Question, essence, read_question
from answer.quotes import disagreeing, mark_of, marked_figure, quotes_of
from answer.several import parts_of, total_of
from answer.short import shortly, told, yes_or_no
from index.errors import ModelUnavailable
from index.models.reader import Reader, Span
from index.search.index import SearchIndex
from index.store.documents import document_of
from index.store.groups import Groups
from index.store.records import Retrieved
from index.timings import stage
from ingest.citation import cite

_LOG = logging.getLogger("jianbao")
NEAREST = 5  # hits shown when there is no answer


class Answerer:
    """Answers questions from one index; threads may share it.

    The reader is used where it can run. A language model writes the answer if one is given.
    """

    def __init__(self, index: SearchIndex, reader: Reader | None, chat: ChatModel | None = None) -> None:
        self.index, self._chat = index, chat
        self._reader = _if_available(reader)
        self.threshold = THRESHOLD  # least probability at which a question is answered

    def visible_to(self, groups: Groups) -> Answerer:
        """Return an answerer that reads and quotes only documents visible to these access groups."""
        visible = copy(self)
        visible.index = self.index.visible_to(groups)
        return visible

    def answer(self, question: str, before: Sequence[str] = (), conditions: Mapping[str, str] | None = None) -> Answer:
        """Return the answer from passages that meet the conditions; a follow-up is completed from those `before` it."""
        return next(one for one in self.events(question, before, conditions) if isinstance(one, Answer))

    def events(
        self, question: str, before: Sequence[str] = (), conditions: Mapping[str, str] | None = None
    ) -> Iterator[AnswerSentence | Answer]:
        """Yield each sentence of a language model as it is written, and the whole answer last."""
        extract, retrieved = self._likeliest(question, before, conditions)
        # Lists, sums and what the catalog says stand as quoted. Where sources disagree, people must see all of them.
        if self._chat and extract.found and extract.form in ("sentences", "measures") and not extract.note:
            with stage("write"):
                yield from write(self._chat, extract, retrieved.passages)
        else:
            yield extract

    def _likeliest(
        self, question: str, before: Sequence[str], conditions: Mapping[str, str] | None
    ) -> tuple[Answer, Retrieved]:
        """Answer a question as it is most likely meant: completed from those before, alone, or with typing errors mended."""
        ways = readings_of(question, before)
        first = self._extract(question, ways[0], conditions)
        if first[0].found:
            return first
        mended = self._mended(ways[0], first[1])
        for whole in [*ways[1:], *([mended] if mended else [])]:
            other = self._extract(question, whole, conditions)
            if other[0].found:
                return other
        return first

    def _mended(self, question: str, retrieved: Retrieved) -> str:
        """Return a question with its typing errors mended; "" if there are none, or what it would say is in no visible text."""
        words = self.index.ranker.synonyms
        mended = words.spelling.corrected(question, retrieved.frequencies) if words else question
        return mended if mended != question and self.index.contains(mended, question) else ""

    def _extract(self, question: str, whole: str, conditions: Mapping[str, str] | None) -> tuple[Answer, Retrieved]:
        """Answer a question as `whole` completes it, from quotes."""
        asked = read_question(self.index.query(essence(whole)))
        judged = self.judged(asked, conditions)
        missing = missing_terms(asked.topic, judged.retrieved.frequencies)
        answer = Answer(
            question, whole, False, (), (), (), "extractive", "none", asked.asks, round(judged.found, 4), missing_terms=missing
        )
        if known := self._known(asked, judged):
            return _from_catalog(answer, known), judged.retrieved
        if parts := self._parts(asked, conditions):
            return _added_up(answer, asked, parts), judged.retrieved
        if asked.sought == "cases" and (lines := lists.cases(judged)):
            return _with_quotes(answer, "cases", lines), judged.retrieved
        if points := self._points(judged):
            likely = round(max(judged.found, self.threshold), 4)
            return _with_quotes(replace(answer, probability=likely), "contents", points), judged.retrieved
        if judged.found >= self.threshold:
            return _quoted(answer, judged), judged.retrieved
        nearest = tuple(self.index.hits(asked.topic, NEAREST, conditions, read=False).hits)
        note = elsewhere(judged, self._reader) if self._reader else ""
        return replace(answer, nearest=nearest, holdings=holdings(self.index), note=note), judged.retrieved

    def judged(self, question: Question, conditions: Mapping[str, str] | None = None) -> Judged:
        """Return the passages retrieved for a question with the probability that each answers."""
        retrieved = self.index.retrieve(question.topic, lists.PASSAGES if question.sought == "cases" else PASSAGES, conditions)
        return judge(question, retrieved, self._reader, issues_asked(self.index, question))

    def _known(self, question: Question, judged: Judged) -> FromCatalog | None:
        return from_catalog(self.index, question, judged.retrieved, judged.rarity, judged.issues)

    def _points(self, judged: Judged) -> list[Line]:
        stored = lists.text_asked(judged)
        document = document_of(self.index.catalog, stored.document.id) if stored else None
        return lists.points(document, stored.item) if stored and document and document.text == stored.document.text else []

    def _parts(self, question: Question, conditions: Mapping[str, str] | None) -> list[Judged]:
        """Return what is found for each of several questions that a question is; [] unless all is found."""
        found = []
        for text in parts_of(question):
            judged = self.judged(read_question(self.index.query(text)), conditions)
            if judged.found < self.threshold:
                return []
            found.append(judged)
        return found


def _if_available(reader: Reader | None) -> Reader | None:
    if reader is None:
        return None
    try:
        reader.prepare()
    except ModelUnavailable as error:  # its package is for Linux on x86-64 only
        _LOG.warning("回答不用阅读模型，会差一些：%s", error)
        return None
    return reader


def _from_catalog(answer: Answer, known: FromCatalog) -> Answer:
    lines = [(one.document, one.item, one.start, one.end) for one in known.lines]
    marks = [None if known.listed else one.mark for one in known.lines]
    form: Form = "contents" if known.listed else "sentences"
    return replace(_with_quotes(answer, form, lines, marks), probability=1.0, short=known.short)


def _added_up(answer: Answer, question: Question, parts: Sequence[Judged]) -> Answer:
    """Return the best sentence for each part, each once, and the sum if the question asks for it."""
    best = [(judged, judged.best) for judged in parts]
    marked = [(_line(judged, number), mark_of(judged, number)) for judged, number in best]
    total = total_of(question, [marked_figure(judged, number) for judged, number in best])
    note = "合计由下面各项相加算出" if total else ""
    short = total or shortly([told(document.text, start, end, mark) for (document, _, start, end), mark in marked if mark])
    answer = replace(answer, probability=round(min(judged.found for judged in parts), 4), short=short, note=note)
    once = {(line[0].id, line[2]): (line, mark) for line, mark in marked}
    return _with_quotes(answer, "sentences", [line for line, _ in once.values()], [mark for _, mark in once.values()])


def _quoted(answer: Answer, judged: Judged) -> Answer:
    """Return the answer with its quotes, in the form that the question asks for."""
    if measures := lists.measures(judged):
        return _with_quotes(answer, "measures", [line for line, _ in measures], [head for _, head in measures])
    others = disagreeing(judged)
    numbers = sorted({judged.best, *others}) if others else quotes_of(judged)
    lines = [_line(judged, number) for number in numbers]
    note = "资料里的数字不一，都已列出，请看各自的日期和出处" if others else ""
    marks = [mark_of(judged, number) for number in numbers]
    said = yes_or_no(
        judged.question, [judged.sentences[n].text[slice(*mark)] for n, mark in zip(numbers, marks, strict=True) if mark]
    )
    return replace(_with_quotes(replace(answer, short=said), "sentences", lines, marks), note=note)


def _line(judged: Judged, number: int) -> Line:
    stored, sentence = judged.stored(number), judged.sentences[number]
    return stored.document, stored.item, sentence.start, sentence.end


def _with_quotes(answer: Answer, form: Form, lines: Sequence[Line], marks: Sequence[Span | None] = ()) -> Answer:
    """Return the answer with these spans of documents as its sentences, each with a citation of its own."""
    citations = tuple(cite(*line) for line in lines)
    sentences = tuple(
        AnswerSentence(document.text[start:end], (number,), marks[number - 1] if marks else None)
        for number, (document, _, start, end) in enumerate(lines, 1)
    )
    marked = [(line, one.mark) for line, one in zip(lines, sentences, strict=True) if one.mark]
    said = [told(document.text, start, end, mark) for (document, _, start, end), mark in marked]
    short = answer.short or ("" if form == "measures" else shortly(said))  # heads without what they are heads of say little
    return replace(answer, found=True, form=form, sentences=sentences, citations=citations, short=short)
