"""Answer a question: understand it, retrieve passages, judge their sentences; then quote, list, write, or find no answer."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace

from answer import lists
from answer.answer import Answer, AnswerSentence, Form
from answer.followup import understood
from answer.generate import write
from answer.judge import PASSAGES, Judged, gather, judge, read
from answer.language_model import ChatModel
from answer.lists import Line
from answer.not_found import holdings, missing_terms
from answer.question import Question, read_question
from answer.quotes import disagreeing, mark_of, quotes_of
from answer.weights import load_weights
from index.errors import ModelUnavailable
from index.models.reader import Reader
from index.search.index import SearchIndex
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
        self._weights = load_weights(reader=self._reader is not None)

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
        extract, retrieved = self._extract(question, before, conditions)
        # Cases stand as quoted. Where sources disagree, people must see all of them.
        if self._chat and extract.found and extract.form != "cases" and not extract.note:
            with stage("write"):
                yield from write(self._chat, extract, retrieved.passages)
        else:
            yield extract

    def _extract(self, question: str, before: Sequence[str], conditions: Mapping[str, str] | None) -> tuple[Answer, Retrieved]:
        whole = understood(question, before)
        asked = read_question(self.index.query(whole))
        retrieved = self.index.retrieve(asked.topic, lists.PASSAGES if asked.sought == "cases" else PASSAGES, conditions)
        judged = self.judged(asked, retrieved)
        chance = judged.found if judged else 0.0
        missing = missing_terms(asked.topic, retrieved.frequencies)
        answer = Answer(
            question, whole, False, (), (), (), "extractive", "none", asked.asks, round(chance, 4), missing_terms=missing
        )
        if judged is None or chance < self._weights.threshold:
            nearest = tuple(self.index.hits(asked.topic, NEAREST, conditions).hits)
            return replace(answer, nearest=nearest, holdings=holdings(self.index)), retrieved
        return _quoted(answer, judged), retrieved

    def judged(self, question: Question, retrieved: Retrieved) -> Judged | None:
        """Return the sentences of the retrieved passages with their probabilities, None if there is no sentence."""
        evidence = gather(question, retrieved)
        if not evidence.sentences:
            return None
        with stage("read"):
            return judge(read(evidence, self._reader, self._weights) if self._reader else evidence, self._weights)


def _if_available(reader: Reader | None) -> Reader | None:
    if reader is None:
        return None
    try:
        reader.prepare()
    except ModelUnavailable as error:  # its package is for Linux on x86-64 only
        _LOG.warning("回答不用阅读模型，会差一些：%s", error)
        return None
    return reader


def _quoted(answer: Answer, judged: Judged) -> Answer:
    """Return the answer with its quotes, in the form that the question asks for."""
    evidence = judged.evidence
    if evidence.question.sought == "cases" and len(lines := lists.cases(judged)) > 1:
        return _with_quotes(answer, "cases", lines)
    if lines := lists.measures(judged):
        return _with_quotes(answer, "measures", lines)
    quotes = quotes_of(judged)
    others = disagreeing(judged)
    numbers = sorted({judged.best, *others}) if others else [quote.sentence for quote in quotes]
    sentences = [evidence.sentences[number] for number in numbers]
    lines = [(evidence.retrieved.passages[one.passage], one.start, one.end) for one in sentences]
    marks = {quote.sentence: quote.mark for quote in quotes} | {number: mark_of(judged, number) for number in others}
    note = "资料里的数字不一，都已列出，请看各自的日期和出处" if others else ""
    return replace(_with_quotes(answer, "sentences", lines, [marks.get(number) for number in numbers]), note=note)


def _with_quotes(answer: Answer, form: Form, lines: Sequence[Line], marks: Sequence[tuple[int, int] | None] = ()) -> Answer:
    """Return the answer with these spans of documents as its sentences, each with a citation of its own."""
    citations = tuple(cite(stored.document, stored.item, start, end) for stored, start, end in lines)
    sentences = tuple(
        AnswerSentence(stored.document.text[start:end], (number,), marks[number - 1] if marks else None)
        for number, (stored, start, end) in enumerate(lines, 1)
    )
    return replace(answer, found=True, form=form, sentences=sentences, citations=citations)
