"""An API key: its scope, sites, access groups, last day and rate limit; and the checks of each."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from index.store.groups import Groups
from ingest.document import LONGEST_GROUP
from service.errors import Refused

_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?|[0-9a-f.]*:[0-9a-f:.]*")
SCOPES = ("search", "ingest", "admin")  # each includes those before it
EVERYTHING = "*"  # in place of access groups: all of them
LONGEST_NAME = 60  # characters
# Requests a minute: the default, the default for a key in a web page (which anybody can read), and the upper bound.
USUAL_RATE, USUAL_SITE_RATE, HIGHEST_RATE = 1200, 120, 1_000_000


@dataclass(frozen=True, slots=True)
class Key:
    """What a caller with this key may do: scope, sites whose pages may use it, access groups, last day, rate limit."""

    name: str
    scope: str  # one of SCOPES
    origins: tuple[str, ...]  # as browsers write them: https://portal.example.gov.cn
    created: str  # ISO 8601, UTC
    groups: tuple[str, ...] = ()  # access groups visible beside the public documents; EVERYTHING: all
    expires: str = ""  # the last day on which it is valid, "" for none
    rate: int = 0  # requests a minute from one address, 0 for the default

    @property
    def has_expired(self) -> bool:
        """Whether its last day is over, by this machine's clock."""
        return bool(self.expires) and datetime.date.today().isoformat() > self.expires

    @property
    def visible_groups(self) -> Groups:
        """The access groups visible to it, None for all."""
        return None if self.scope == "admin" or EVERYTHING in self.groups else frozenset(self.groups)

    @property
    def per_minute(self) -> int:
        """Its rate limit: requests a minute from one address."""
        return self.rate or (USUAL_SITE_RATE if self.origins else USUAL_RATE)


def checked_name(name: str) -> str:
    """Return the name of a key; raise Refused."""
    name = name.strip()
    if not name.isprintable() or not 1 <= len(name) <= LONGEST_NAME:
        raise Refused("bad_name", f"密钥的名称要有 1 到 {LONGEST_NAME} 个看得见的字，如 门户网站")
    return name


def checked_group(name: str) -> str:
    """Return the name of an access group; raise Refused."""
    name = name.strip()
    if not name.isprintable() or not 1 <= len(name) <= LONGEST_GROUP:
        raise Refused("bad_group", f"文件分组的名称要有 1 到 {LONGEST_GROUP} 个看得见的字，如 内部；{EVERYTHING} 是全部")
    return name


def checked_day(day: str) -> str:
    """Return the last day of a key, "" for none; raise Refused."""
    try:
        if not day or datetime.date.fromisoformat(day).isoformat() == day >= datetime.date.today().isoformat():
            return day
    except ValueError:
        pass
    raise Refused("bad_date", "密钥的最后一天要写成 2027-06-30 这样，不能早于今天")


def checked_rate(rate: int) -> int:
    """Return the rate limit of a key in requests a minute, 0 for the default; raise Refused."""
    if not 0 <= rate <= HIGHEST_RATE:
        raise Refused("bad_rate", f"每分钟的请求数要在 1 到 {HIGHEST_RATE} 之间（0 是默认）")
    return rate


def normal_origin(address: str) -> str:
    """Return the origin of a site as browsers write it; raise Refused if it is none, or has a path or more."""
    try:
        parts = urlsplit(address.strip())
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:  # covers UnicodeError
        raise _no_origin(address) from None
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    plain = parts.path in ("", "/") and "@" not in parts.netloc and not re.search(r"[?#\s]", address.strip())
    if not usual or not plain or not _HOST.fullmatch(host):
        raise _no_origin(address)
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, usual) else "")


def _no_origin(address: str) -> Refused:
    what = "要写成 https://portal.example.gov.cn 或 http://127.0.0.1:9000 这样：协议、主机名和端口，不带路径"
    return Refused("bad_origin", f"“{address}”不是网站的来源地址：{what}")
