"""How paragraphs are printed, from what their format says in its own units to a `Look` in proportion to the document."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ingest.extracted import Look, Paragraph

_SAME_SIZE = 0.04  # share by which sizes of one face may differ, as they are measured
HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Face:
    """How characters are printed."""

    size: float = 0.0  # in any unit, the same for the whole document; 0 where the format tells none
    font: str = ""
    bold: bool = False
    colour: str = ""


Faces = tuple[tuple[str, Face], ...]  # pieces of text, in order


@dataclass(frozen=True, slots=True)
class Print:
    """How a paragraph is printed: its pieces, and its place; sizes in the unit of `Face.size`."""

    faces: Faces = ()
    place: Look = Look()  # all but size, bold, lead and coloured, which its faces tell


def with_looks(paragraphs: Iterable[tuple[Paragraph, Print]]) -> tuple[Paragraph, ...]:
    """Return the paragraphs with their looks; the face of most Chinese characters is the usual one."""
    printed = list(paragraphs)
    usual = usual_face(face for _, print_ in printed for face in print_.faces)
    return tuple(replace(paragraph, look=_look(print_, usual)) for paragraph, print_ in printed)


def is_other(these: Faces, those: Faces) -> bool:
    """Tell whether two lines are printed in different faces throughout, so that they are no one paragraph."""
    one, other = ({face for text, face in faces if HAN.search(text)} for faces in (these, those))
    return len(one) == len(other) == 1 and _differ(one.pop(), other.pop())


def _differ(one: Face, other: Face) -> bool:
    size = abs(one.size - other.size) > _SAME_SIZE * max(one.size, other.size)
    return size or (one.font, one.bold, one.colour) != (other.font, other.bold, other.colour)


def usual_face(faces: Iterable[tuple[str, Face]]) -> Face:
    """Return the face in which most Chinese characters are printed."""
    counts: Counter[Face] = Counter()
    for text, face in faces:
        counts[face] += len(HAN.findall(text))
    return counts.most_common(1)[0][0] if counts else Face()


def _look(printed: Print, usual: Face) -> Look:
    faces = [(text, face) for text, face in printed.faces if HAN.search(text)]
    if not faces:
        return printed.place
    size = usual_face(faces).size / usual.size if usual.size and usual_face(faces).size else 1.0
    apart = [_is_apart(face, usual) for _, face in faces]
    coloured = all(face.colour != usual.colour for _, face in faces)
    lead = 0 if all(apart) or not apart[0] else _lead(printed.faces, usual)
    return replace(printed.place, size=round(size, 2), bold=all(apart), lead=lead, coloured=coloured)


def _is_apart(face: Face, usual: Face) -> bool:
    return (face.bold and not usual.bold) or (face.font != usual.font and face.bold >= usual.bold)


def _lead(faces: Sequence[tuple[str, Face]], usual: Face) -> int:
    """Return how many characters, white space not counted, stand before the first that is printed as usual."""
    count = 0
    for text, face in faces:
        if HAN.search(text) and not _is_apart(face, usual):
            break
        count += len("".join(text.split()))
    return count
