"""The settings, from the environment; nothing else reads it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_KNOWN = {
    f"JIANBAO_{name}"
    for name in (
        "DATA", "CACHE", "ENCODER", "ENCODER_MODEL", "ENCODER_KEY", "RERANKER", "LLM_URL", "LLM_MODEL", "LLM_KEY",
    )
}  # fmt: skip


class SettingsError(Exception):
    """A setting is unknown or cannot be used; the message is Chinese."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things lie and which encoder is used."""

    data: Path  # the catalog and what is derived from it
    cache: Path  # the converted bundled model, shared by all data folders of a user
    encoder: str  # "" for the bundled model, a local folder, a model's name on a hub, or the address of a server
    encoder_model: str = ""  # the name of the server's model
    encoder_key: str = field(default="", repr=False)
    reranker: str = ""  # a cross-encoder's folder or name on a hub, "" for none
    llm: str = ""  # the address of a server with a language model, "" for none
    llm_model: str = ""
    llm_key: str = field(default="", repr=False)


def read_settings(environment: Mapping[str, str] = os.environ, data: Path | None = None) -> Settings:
    """Read the settings; `data` goes before JIANBAO_DATA. Raise SettingsError for a name that does not exist."""
    unknown = sorted(name for name in environment if name.startswith("JIANBAO_") and name not in _KNOWN)
    if unknown:
        raise SettingsError(f"没有这个设置：{'、'.join(unknown)}（可用的有 {'、'.join(sorted(_KNOWN))}）")
    encoder, model, key = (environment.get(f"JIANBAO_ENCODER{part}", "").strip() for part in ("", "_MODEL", "_KEY"))
    _check_server(encoder, model, key)
    llm, llm_model, llm_key = (environment.get(f"JIANBAO_LLM_{part}", "").strip() for part in ("URL", "MODEL", "KEY"))
    _check_chat(llm, llm_model, llm_key)
    user_cache = environment.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Settings(
        data=data or Path(environment.get("JIANBAO_DATA") or "data"),
        cache=Path(environment.get("JIANBAO_CACHE") or f"{user_cache}/jianbao"),
        encoder=encoder,
        encoder_model=model,
        encoder_key=key,
        reranker=environment.get("JIANBAO_RERANKER", "").strip(),
        llm=llm,
        llm_model=llm_model,
        llm_key=llm_key,
    )


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
