"""Read saved mails (.eml): the body with subject, day and sender, and the attachments as files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from email import message_from_bytes, policy
from email.header import decode_header
from email.message import EmailMessage, MIMEPart
from email.utils import parseaddr, parsedate_to_datetime
from pathlib import Path

from ingest.access.words import NOBODY, groups_of, is_heading
from ingest.errors import Unreadable
from ingest.extracted import Extracted, Paragraph
from ingest.formats.archive import clean_name, written
from ingest.formats.clean import clean_text
from ingest.formats.plaintext import decode, to_paragraphs
from ingest.formats.webpage import whole_page

_HEADERS = {"from", "to", "subject", "date"}  # a file with none of them is no mail
# Mails that declare GB 2312 contain characters of GBK, such as 镕, so GB 18030 is read; a few bytes may be damaged in transit.
_GB2312 = re.compile(rb"(=\?|charset\s*=\s*\"?|\*=\"?)(?:gb_?2312(?:-80)?|gbk|cp936)(?=[\"'?;\s])", re.IGNORECASE)
_XML = re.compile(r"^\s*<\?xml[^>]*\?>")
_FULLER = 1.5  # times as much text as the plain one has, from which the page is the body


def read_mail(path: Path) -> Extracted:
    """Read the body of a mail, without paragraphs if it has none; raise Unreadable if the file is no mail."""
    mail = _open(path)
    plain, page = (_text(part) if (part := mail.get_body((kind,))) is not None else "" for kind in ("plain", "html"))
    sender = parseaddr(_header(mail, "from"))[0]
    return Extracted(
        body_of(plain, page), clean_text(_header(mail, "subject")), _day(_header(mail, "date")), clean_text(sender)
    )


def body_of(plain: str, page: str) -> tuple[Paragraph, ...]:
    """Return a mail's body from its plain text and its page, each of which may be "".

    The page is taken if it has tables, which plain text has not, or much more text: then the plain one only says so.
    """
    paragraphs, shown = to_paragraphs(plain), whole_page(_XML.sub("", page))
    return shown if any(one.form for one in shown) or _length(shown) > _FULLER * _length(paragraphs) else paragraphs


def _length(paragraphs: Sequence[Paragraph]) -> int:
    return sum(len(one.text) for one in paragraphs)


def attachments(path: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield each attachment's name and its file, as `written`; raise Unreadable if the file is no mail."""
    yield from written(_attached(_open(path)), folder)


def _attached(mail: EmailMessage) -> Iterator[tuple[int, str, bytes]]:
    for number, part in enumerate(_leaves(mail)):
        name = clean_name(_filename(part)).replace("/", "_")
        inline = part.get_content_maintype() == "image" and part.get_content_disposition() != "attachment"
        if part.get_content_type() == "message/rfc822":
            inner = part.get_content()
            yield number, name or clean_name(f"{_header(inner, 'subject')}.eml").replace("/", "_"), inner.as_bytes()
        elif name and not inline:
            data = part.get_payload(decode=True)
            yield number, name, data if isinstance(data, bytes) else b""


def _open(path: Path) -> EmailMessage:
    mail = message_from_bytes(_GB2312.sub(rb"\1gb18030", path.read_bytes()), policy=policy.default)
    if not _HEADERS & {name.lower() for name in mail}:
        raise Unreadable("内容不是邮件，或已损坏：请在邮箱里重新另存为 .eml")
    return mail


def stated_in_headers(path: Path) -> frozenset[str]:
    """Return the access groups that a mail's own headers state: X-Access: 内部."""
    mail = _open(path)
    names = {name for name in mail if is_heading(name)}
    return NOBODY.union(*(groups_of(_header(mail, name.lower()), name) for name in names))


def mail_bodies(path: Path) -> Iterator[tuple[str, bool]]:
    """Yield each text of a mail that is no attachment, as it stands in the file, and whether it is a page."""
    for part in _leaves(_open(path)):
        if part.get_content_type() in ("text/plain", "text/html") and not clean_name(_filename(part)):
            is_page = part.get_content_type() == "text/html"
            yield (_XML.sub("", _text(part)) if is_page else _text(part)), is_page


def _leaves(mail: MIMEPart) -> Iterator[MIMEPart]:
    """Yield the parts with content of their own; a mail within the mail is one part."""
    if mail.get_content_maintype() != "multipart":
        yield mail
        return
    for part in mail.iter_parts():
        yield from _leaves(part)


def _filename(part: MIMEPart) -> str:
    """Return an attachment's name, which mail programs garble in the same ways as headers."""
    found = re.search(r'filename="([^"]+)"', _header(part, "content-disposition"))
    return found[1] if found else part.get_filename() or ""


def _header(mail: MIMEPart, name: str) -> str:
    """Decode a header, also where a mail program has cut a character in two or declared no encoding."""
    raw = next((str(value) for key, value in mail.raw_items() if key.lower() == name), "")
    raw = re.sub(r"\r?\n[ \t]+", " ", raw)
    if any("\udc80" <= character <= "\udcff" for character in raw):  # bytes beyond ASCII
        return _decoded(raw.encode("utf-8", errors="surrogateescape"), "")
    pieces = decode_header(raw)
    return "".join(_decoded(piece, charset) if isinstance(piece, bytes) else piece for piece, charset in pieces)


def _text(part: MIMEPart) -> str:
    data = part.get_payload(decode=True)
    return _decoded(data, part.get_content_charset()) if isinstance(data, bytes) else ""


def _decoded(data: bytes, charset: str | None) -> str:
    """Decode with the encoding that the mail declares, else as any text file."""
    try:
        return data.decode(charset) if charset and charset not in ("us-ascii", "unknown-8bit") else decode(data)
    except (LookupError, UnicodeDecodeError, Unreadable):
        return data.decode("gb18030", errors="replace")


def _day(date: str) -> str:
    try:
        return parsedate_to_datetime(date).date().isoformat()
    except ValueError:
        return ""
