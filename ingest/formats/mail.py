"""Read saved mails (.eml): the body with subject, day and sender, and the attachments as files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.header import decode_header
from email.message import EmailMessage, MIMEPart
from email.utils import parseaddr, parsedate_to_datetime
from pathlib import Path

from ingest.errors import Unreadable
from ingest.extracted import Extracted
from ingest.formats.archive import clean_name, local_path
from ingest.formats.clean import clean_text
from ingest.formats.plaintext import decode, to_paragraphs

_HEADERS = {"from", "to", "subject", "date"}  # a file with none of them is no mail
# Mails that declare GB 2312 contain characters of GBK, such as 镕, so GB 18030 is read; a few bytes may be damaged in transit.
_GB2312 = re.compile(rb"(=\?|charset\s*=\s*\"?|\*=\"?)(?:gb_?2312(?:-80)?|gbk|cp936)(?=[\"'?;\s])", re.IGNORECASE)
_BLOCKS = ("p", "div", "br", "tr", "li", "table", "ul", "ol", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6")


def read_mail(path: Path) -> Extracted:
    """Read the body of a mail; raise Unreadable if the file is no mail or has no text."""
    mail = _open(path)
    body = mail.get_body(preferencelist=("plain", "html"))
    text = _text(body) if body is not None else ""
    if body is not None and body.get_content_subtype() == "html":
        text = _text_of_html(text)
    paragraphs = to_paragraphs(text)
    if not paragraphs:
        raise Unreadable("邮件没有正文（附件另行读取）")
    sender = parseaddr(_header(mail, "from"))[0]
    return Extracted(paragraphs, clean_text(_header(mail, "subject")), _day(_header(mail, "date")), clean_text(sender))


def attachments(path: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield each attachment's name and its file; raise Unreadable if the file is no mail.

    `folder` must be empty. Each file in it is deleted when the next is asked for.
    """
    names: set[str] = set()
    for number, part in enumerate(_leaves(_open(path))):
        name = clean_name(_filename(part)).replace("/", "_")
        inline = part.get_content_maintype() == "image" and part.get_content_disposition() != "attachment"
        if part.get_content_type() == "message/rfc822":
            mail = part.get_content()
            name, data = name or clean_name(f"{_header(mail, 'subject')}.eml").replace("/", "_"), mail.as_bytes()
        elif name and not inline:
            data = part.get_payload(decode=True)
        else:
            continue
        name = f"{number}-{name}" if name in names else name
        names.add(name)
        file = local_path(folder, number, name)
        file.write_bytes(data)
        try:
            yield name, file
        finally:
            file.unlink(missing_ok=True)


def _open(path: Path) -> EmailMessage:
    mail = message_from_bytes(_GB2312.sub(rb"\1gb18030", path.read_bytes()), policy=policy.default)
    if not _HEADERS & {name.lower() for name in mail}:
        raise Unreadable("内容不是邮件，或已损坏：请在邮箱里重新另存为 .eml")
    return mail


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


def _text_of_html(markup: str) -> str:
    """Return the text of a mail in HTML, a line for each block; there is no navigation to leave out."""
    from lxml import html

    if not markup.strip():
        return ""
    page = html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", markup))
    for hidden in page.xpath("//script|//style|//title"):
        hidden.drop_tree()
    for block in page.iter(*_BLOCKS):
        block.text, block.tail = f"\n{block.text or ''}", f"\n{block.tail or ''}"
    return str(page.text_content())
