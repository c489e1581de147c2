"""Identify the caller of a request: by its key, by the headers of a trusted proxy, or as local to this machine."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Mapping
from urllib.parse import unquote

from fastapi import Request

from index.store.groups import PUBLIC
from ingest.document import LONGEST_GROUP
from service.access.caller import Caller, address_of
from service.access.origins import foreign_origin, is_from_here, is_rebound
from service.errors import Refused
from service.keys.key import LONGEST_NAME
from service.keys.registry import Keys
from service.settings import Settings

COOKIE = "jianbao_key"
UNKNOWN = "密钥不对，或已过期、已被撤销：请核对，或向管理员要一个新的"
_REBOUND = "还没有密钥时，这台机器上只能用 127.0.0.1 或 localhost 访问：用别的主机名，请管理员先运行 jianbao key create 名称"
_ONLY_HERE = "还没有密钥时，只有服务所在的机器能用：请管理员先运行 jianbao key create 名称"


def identify(request: Request, keys: Keys, settings: Settings, anyone: bool = False) -> Caller:
    """Return the caller: by key, by the headers of a trusted proxy, or as local to this machine; raise Refused.

    `anyone`: whether other machines may search while there are no keys.
    """
    site = foreign_origin(request.headers)
    kind, _, credentials = request.headers.get("authorization", "").partition(" ")
    stated = request.query_params.get("key", "") if request.scope["path"] == "/feed.atom" else ""  # readers send no headers
    sent = credentials.strip() if kind.lower() == "bearer" else stated
    token = sent or ("" if site else request.cookies.get(COOKIE, ""))
    if key := keys.of(token) if token else None:
        if site and site not in key.origins:
            raise not_from(site)
        return Caller(key.name, key.scope, key.visible_groups, key)
    if not sent and not site and (person := _signed_on(request, settings)):
        return person
    if sent or settings.sso_user or keys.any():
        raise _no_key(token)
    if site:
        raise not_from(site)
    client = address_of(request)
    if is_rebound(client, request.headers):
        raise Refused("host_not_local", _REBOUND, 403)
    if is_from_here(client, request.headers):
        return Caller("", "admin", None)
    if not anyone:
        raise Refused("only_here", _ONLY_HERE, 403)
    return Caller("", "search", frozenset())


def _signed_on(request: Request, settings: Settings) -> Caller | None:
    """Return the person whom a trusted proxy names, None if there is none."""
    if not settings.sso_user or not is_trusted(request.scope.get("state", {}).get("peer", ""), settings.proxies):
        return None
    name = _header_text(request.headers, settings.sso_user)[:LONGEST_NAME]
    listed = _header_text(request.headers, settings.sso_groups).replace(";", ",").split(",") if settings.sso_groups else []
    groups = frozenset(group.strip() for group in listed if 0 < len(group.strip()) <= LONGEST_GROUP)
    return Caller(name, "search", groups - {PUBLIC}) if name else None


def _header_text(headers: Mapping[str, str], header: str) -> str:
    """Return the text of a header, in UTF-8 or percent-encoded, without unprintable characters."""
    text = unquote(headers.get(header, "").encode("latin-1", "replace").decode("utf-8", "replace"))
    return "".join(filter(str.isprintable, text)).strip()


def is_trusted(peer: str, proxies: Collection[str]) -> bool:
    """Tell whether an address is that of a trusted proxy."""
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return False
    return any(address in ipaddress.ip_network(proxy) for proxy in proxies)


def _no_key(token: str) -> Refused:
    if token:
        return Refused("key_unknown", UNKNOWN, 401)
    return Refused("key_required", "需要密钥：请求头要带 Authorization: Bearer 密钥；没有密钥请向管理员要一个", 401)


def not_from(site: str) -> Refused:
    """Return the error for a page of a site that may not use the service."""
    shown = "没有写明地址的网页（别的网站、本地文件或沙箱）" if site == "null" else f"网站 {site[:200]} "
    what = "请管理员运行 jianbao key create 名称 --origin 网站地址，并在网页里换用新的密钥"
    return Refused("origin_not_allowed", f"{shown}还不能使用这项服务：{what}", 403)
