"""An answer as the command line shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from service.cli.printing import marked

if TYPE_CHECKING:  # what prints these has loaded them
    from answer.answer import Answer, Series


def print_answer(answer: Answer) -> None:
    """Print an answer with its citations, or what there is instead."""
    if answer.understood != answer.question:
        print(f"理解为：{answer.understood}")
    for sentence in answer.sentences:
        text = marked(sentence.text, [sentence.mark] if sentence.mark else [])
        if answer.form == "cases":  # a quote says 该县
            print(f"{answer.citations[sentence.citations[0] - 1].item}：", end="")
        numbers = "".join(f"[{number}]" for number in sentence.citations)
        print(f"{text}{numbers}{'' if sentence.checked else '（未经证实）'}")
    for number, citation in enumerate(answer.citations, 1):
        print(f"\n[{number}] {citation.line}\n    文件：{citation.file}", end="")
    if answer.found:
        print(f"\n\n{answer.note}" if answer.note else "")
    else:
        print("未找到依据。")
    if answer.missing_terms:
        print(f"收录的文件里没有这些词：{'、'.join(answer.missing_terms)}")
    for series in answer.holdings:
        print(f"收录了{_series_held(series)}")
    if answer.nearest:
        print("最接近的条目：")
    for number, hit in enumerate(answer.nearest, 1):
        print(f"{number}. {hit.citation.item}\n   出处：{hit.citation.line}")


def _series_held(series: Series) -> str:
    """Return which issues of a series are held: 《共富示例》2024年第1至3、5期（缺第4期）."""
    year = f"{series.year}年" if series.year else ""
    missing = f"（缺第{_ranges(series.missing)}期）" if series.missing else ""
    return f"《{series.series}》{year}第{_ranges(series.held)}期{missing}"


def _ranges(numbers: Sequence[int]) -> str:
    """Return numbers in ascending order as people write them: 1至3、5."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return "、".join(str(run[0]) if len(run) == 1 else f"{run[0]}至{run[-1]}" for run in runs)
