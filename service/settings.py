"""The settings: from the environment, and from a file that it names; nothing else reads them."""

from __future__ import annotations

import ipaddress
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingest.document import LONGEST_GROUP
from service.configured import Given, SettingsError, read_file

UPLOADED = "上传"  # the folder, below the one that is indexed, that uploads are put into
_LOCAL = ("127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things lie, which models are used, and who may see what."""

    data: Path  # the catalog and what is derived from it
    cache: Path  # the converted bundled model, shared by all data folders of a user
    encoder: str  # "" for the bundled model, a local folder, a model's name on a hub, or the address of a server
    encoder_model: str = ""  # the name of the server's model
    encoder_key: str = field(default="", repr=False)
    reranker: str = ""  # a cross-encoder's folder or name on a hub, "" for none
    llm: str = ""  # the address of a server with a language model, "" for none
    llm_model: str = ""
    llm_key: str = field(default="", repr=False)
    key: str = field(default="", repr=False)  # with which `jianbao mcp` looks into a data folder that has keys
    groups: dict[str, list[str]] | None = None  # document groups: their folders; None leaves those that the catalog keeps
    proxies: tuple[str, ...] = _LOCAL  # addresses whose headers about the caller are believed
    sso_user: str = ""  # the header in which they name the person who has signed on, "" for none
    sso_groups: str = ""  # the one in which they list that person's groups
    audit_days: int = 180  # how long the audit's files are kept
    audit_queries: bool = True  # whether it holds what was asked


NAMES = (
    "data", "cache", "encoder", "encoder_model", "encoder_key", "reranker", "llm_url", "llm_model", "llm_key", "key",
    "groups", "proxies", "sso_user", "sso_groups", "audit_days", "audit_queries",
)  # fmt: skip


def read_settings(environment: Mapping[str, str] = os.environ, data: Path | None = None) -> Settings:
    """Read the settings; `data` goes before JIANBAO_DATA, the environment before the file that JIANBAO_CONFIG names.

    Raise SettingsError for a name that does not exist and a value that cannot be used.
    """
    named = {f"JIANBAO_{name.upper()}" for name in NAMES} | {"JIANBAO_CONFIG"}
    if unknown := sorted(name for name in environment if name.startswith("JIANBAO_") and name not in named):
        raise SettingsError(f"没有这个设置：{'、'.join(unknown)}（可用的有 {'、'.join(sorted(named))}）")
    file = environment.get("JIANBAO_CONFIG", "").strip()
    given = Given(environment, read_file(Path(file), NAMES) if file else {}, file)
    encoder, model, key = (given.text(f"encoder{part}") for part in ("", "_model", "_key"))
    _check_server(encoder, model, key)
    llm, llm_model, llm_key = (given.text(f"llm_{part}") for part in ("url", "model", "key"))
    _check_chat(llm, llm_model, llm_key)
    user_cache = environment.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Settings(
        data=data or Path(given.text("data") or "data"),
        cache=Path(given.text("cache") or f"{user_cache}/jianbao"),
        encoder=encoder, encoder_model=model, encoder_key=key,
        reranker=given.text("reranker"),
        llm=llm, llm_model=llm_model, llm_key=llm_key,
        key=given.text("key"),
        groups=_groups(given.value("groups"), given),
        **_access(given),
    )  # fmt: skip


def _access(given: Given) -> dict[str, Any]:
    """Return the settings of callers and the audit."""
    proxies = given.value("proxies")
    listed = (
        [one for one in proxies.split(",") if one.strip()]
        if isinstance(proxies, str)
        else _LOCAL
        if proxies is None
        else proxies
    )
    if not isinstance(listed, (list, tuple)) or not all(isinstance(one, str) and _is_network(one.strip()) for one in listed):
        raise given.wrong("proxies", "要写代理的 IP 地址或网段，如 10.0.0.5、10.0.0.0/24")
    user, groups = given.text("sso_user"), given.text("sso_groups")
    if groups and not user:
        raise given.wrong("sso_groups", "要和 sso_user（写着用户名的请求头）一起写")
    return {
        "proxies": tuple(one.strip() for one in listed),
        "sso_user": user,
        "sso_groups": groups,
        "audit_days": given.number("audit_days", 180, 1, 3650),
        "audit_queries": given.switch("audit_queries", True),
    }


def _groups(value: Any, given: Given) -> dict[str, list[str]] | None:
    """Return the groups as a table of the file or JSON of the environment says them."""
    what = '要写成 分组名 = ["文件夹", …]；在环境变量里写成 JSON：{"内部": ["内部", "纪要/2024"]}'
    if isinstance(value, str):
        try:
            value = json.loads(value) if value.strip() else None
        except ValueError as error:
            raise given.wrong("groups", what) from error
    if value is None:
        return None
    if not isinstance(value, dict) or not all(
        isinstance(name, str) and name.strip() and isinstance(some, list) and all(isinstance(one, str) for one in some)
        for name, some in value.items()
    ):
        raise given.wrong("groups", what)
    if wrong := [
        name for name in value if name in NAMES or re.search(r"[/\\*.]|^公开$", name) or len(name.strip()) > LONGEST_GROUP
    ]:
        raise given.wrong(
            "groups", f"里不能有名为“{wrong[0]}”的分组：设置要写在 [groups] 前面；名称里不能有 / \\ * .，也不能是“公开”"
        )
    return {name.strip(): list(some) for name, some in value.items()}


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


def _is_address(text: str) -> bool:
    return text.lower().startswith(("http://", "https://"))


def _check_server(address: str, model: str, key: str) -> None:
    _check_secrets("JIANBAO_ENCODER", "JIANBAO_ENCODER_KEY", address, key)
    if _is_address(address) and not model:
        raise SettingsError("JIANBAO_ENCODER 是向量服务的地址，还要用 JIANBAO_ENCODER_MODEL 写明模型的名称，如 bge-m3")
    if not _is_address(address) and (model or key):
        raise SettingsError(
            "JIANBAO_ENCODER_MODEL 和 JIANBAO_ENCODER_KEY 只用于向量服务："
            "JIANBAO_ENCODER 要写它的地址，以 http:// 或 https:// 开头"
        )


def _check_chat(address: str, model: str, key: str) -> None:
    _check_secrets("JIANBAO_LLM_URL", "JIANBAO_LLM_KEY", address, key)
    if address and not _is_address(address):
        raise SettingsError("JIANBAO_LLM_URL 要写语言模型服务的地址，以 http:// 或 https:// 开头，一般以 /v1 结尾")
    if bool(address) != bool(model) or (key and not address):
        raise SettingsError(
            "JIANBAO_LLM_URL（服务的地址）和 JIANBAO_LLM_MODEL（模型的名称）要一起写；JIANBAO_LLM_KEY 只和它们一起用"
        )


def _check_secrets(address_name: str, key_name: str, address: str, key: str) -> None:
    if _is_address(address) and "@" in address:
        raise SettingsError(f"{address_name} 的地址里不能写用户名和密码：密钥请写在 {key_name} 里")
    if not (key.isascii() and key.isprintable()):
        raise SettingsError(f"{key_name} 里有不能用的字符，请重新复制一次密钥")
