"""The settings, read from the environment and from the file that JIANBAO_CONFIG names; no other module reads them."""

from __future__ import annotations

import ipaddress
import json
import os
import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, ValidationError, ValidationInfo, model_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, InitSettingsSource, SettingsConfigDict

from ingest.document import LONGEST_GROUP

UPLOADED = "上传"  # subfolder of the indexed folder, for uploaded files
_PREFIX = "JIANBAO_"


class SettingsError(ValueError):
    """A setting is unknown or cannot be used; the message is Chinese."""


def _from_text(read: Callable[[str], Any]) -> BeforeValidator:
    """Return a validator that parses a value given as text, as all are in the environment; other values pass unchanged."""
    return BeforeValidator(lambda value: read(value) if isinstance(value, str) else value)


def _checked_groups(groups: dict[str, list[str]] | None) -> dict[str, list[str]] | None:
    for name in groups or ():
        if name in _in_file() or re.search(r"[/\\*.]|^公开$|^（不明）$", name) or len(name) > LONGEST_GROUP:
            what = "设置要写在 [groups] 前面；名称里不能有 / \\ * .，也不能是“公开”或“（不明）”"
            raise SettingsError(f"里不能有名为“{name}”的分组：{what}")
    return groups


def _network(text: str) -> str:
    ipaddress.ip_network(text)
    return text


def _with_user(header: str, info: ValidationInfo) -> str:
    if header and not info.data.get("sso_user"):
        raise SettingsError("要和 sso_user（写着用户名的请求头）一起写")
    return header


_SWITCHES = {"true": True, "1": True, "yes": True, "是": True, "false": False, "0": False, "no": False, "否": False}
_Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_Groups = Annotated[dict[_Word, list[str]] | None, AfterValidator(_checked_groups), _from_text(json.loads)]
_Network = Annotated[_Word, AfterValidator(_network)]
_Networks = Annotated[tuple[_Network, ...], _from_text(lambda text: [part for part in text.split(",") if part.strip()])]
_Hits = Annotated[int, Field(strict=True, ge=0, le=50), _from_text(int)]
_Days = Annotated[int, Field(strict=True, ge=1, le=3650), _from_text(int)]
_Switch = Annotated[bool, Field(strict=True), _from_text(lambda text: _SWITCHES.get(text.lower()))]


class Settings(BaseSettings):
    """Folders, models and access rules; the `description` of a field is the end of its error message: what to write."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, enable_decoding=False, extra="forbid", frozen=True, hide_input_in_errors=True
    )

    config: Path | None = None  # the TOML file, which may hold all other settings
    data: Path = Path("data")  # folder of the catalog and what is derived from it
    store: str = Field("", repr=False)  # "", or oceanbase://user@host:2881/name: a catalog that machines share
    store_password: str = Field("", repr=False)
    cache: Path  # folder of the converted bundled model, shared by all data folders of a user
    encoder: str = ""  # "" for the bundled model, a local folder, a model's name on a hub, or a server's address
    encoder_model: str = ""  # name of the model on that server
    encoder_key: str = Field("", repr=False)
    rescored: _Hits = Field(4, description="要写 0 到 50 的整数，如 4；0 表示不用")  # first hits that the reader orders
    reranker: str = ""  # a cross-encoder: its folder or its name on a hub, "" for none
    llm_url: str = ""  # address of a language-model server, "" for none
    llm_model: str = ""
    llm_key: str = Field("", repr=False)
    key: str = Field("", repr=False)  # the key that `jianbao mcp` uses on a data folder with keys
    groups: _Groups = Field(  # access group: its folders; None keeps the rules stored in the catalog
        None, description='要写成 分组名 = ["文件夹", …]；在环境变量里写成 JSON：{"内部": ["内部", "纪要/2024"]}'
    )
    proxies: _Networks = Field(  # addresses of trusted proxies: their headers about the caller count
        ("127.0.0.1", "::1"), description="要写代理的 IP 地址或网段，如 10.0.0.5、10.0.0.0/24"
    )
    sso_user: str = ""  # header in which a trusted proxy names the signed-on person, "" for none
    sso_groups: Annotated[str, AfterValidator(_with_user)] = ""  # header in which it lists that person's access groups
    audit_days: _Days = Field(180, description="要写 1 到 3650 之间的整数")  # how long audit files are kept
    audit_queries: _Switch = Field(True, description="要写 true 或 false")  # whether the audit records queries

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Strip texts and drop empty ones, except `proxies`: there, empty means that no proxy is trusted."""
        stripped = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
        present = {name: value for name, value in stripped.items() if value != "" or name == "proxies"}
        return {"cache": Path(present.pop("user_cache", "") or Path.home() / ".cache") / "jianbao"} | present

    @model_validator(mode="after")
    def _check_servers(self) -> Self:
        """Check that the address, model name and key of each server go together."""
        url, model, key = self.encoder, self.encoder_model, self.encoder_key
        _check_secrets("JIANBAO_ENCODER", "JIANBAO_ENCODER_KEY", url, key)
        if _is_address(url) and not model:
            raise SettingsError("JIANBAO_ENCODER 是向量服务的地址，还要用 JIANBAO_ENCODER_MODEL 写明模型的名称，如 bge-m3")
        if not _is_address(url) and (model or key):
            raise SettingsError(
                "JIANBAO_ENCODER_MODEL 和 JIANBAO_ENCODER_KEY 只用于向量服务："
                "JIANBAO_ENCODER 要写它的地址，以 http:// 或 https:// 开头"
            )
        url, model, key = self.llm_url, self.llm_model, self.llm_key
        _check_secrets("JIANBAO_LLM_URL", "JIANBAO_LLM_KEY", url, key)
        if url and not _is_address(url):
            raise SettingsError("JIANBAO_LLM_URL 要写语言模型服务的地址，以 http:// 或 https:// 开头，一般以 /v1 结尾")
        if bool(url) != bool(model) or (key and not url):
            raise SettingsError(
                "JIANBAO_LLM_URL（服务的地址）和 JIANBAO_LLM_MODEL（模型的名称）要一起写；JIANBAO_LLM_KEY 只和它们一起用"
            )
        return self


def read_settings(environment: Mapping[str, str] = os.environ, data: Path | None = None) -> Settings:
    """Read the settings; `data` overrides JIANBAO_DATA, the environment overrides the file that JIANBAO_CONFIG names.

    Raise SettingsError for an unknown name or an unusable value.
    """
    written = {name: value for name, value in environment.items() if name.startswith(_PREFIX)}
    _check_names(written, sorted(f"{_PREFIX}{name.upper()}" for name in Settings.model_fields))
    variables = EnvSettingsSource(Settings)
    variables.env_vars = {name.lower(): value for name, value in written.items()}
    file = written.get("JIANBAO_CONFIG", "").strip()
    table = _read_file(Path(file)) if file else {}
    sources = (
        InitSettingsSource(Settings, {"data": data} if data else {}),
        variables,
        InitSettingsSource(Settings, table | {"user_cache": environment.get("XDG_CACHE_HOME", "")}),
    )
    try:
        return Settings(_build_sources=(sources, {}))
    except ValidationError as error:
        raise SettingsError(_message(error, written, file)) from None  # the original error shows values, secret keys included


def _in_file() -> list[str]:
    return [name for name in Settings.model_fields if name != "config"]


def _check_names(names: Collection[str], usable: Collection[str], where: str = "") -> None:
    if unknown := sorted(set(names) - set(usable)):
        raise SettingsError(f"{where}没有这个设置：{'、'.join(unknown)}（可用的有 {'、'.join(usable)}）")


def _read_file(file: Path) -> dict[str, Any]:
    """Return the table of a TOML file; raise SettingsError if it cannot be read or has an unknown name."""
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SettingsError(f"配置文件打不开：{file}（{error.strerror}）") from error
    except ValueError as error:  # covers TOMLDecodeError and UnicodeDecodeError
        raise SettingsError(f"配置文件 {file} 不是 UTF-8 编码的 TOML：{error}") from error
    _check_names(table, _in_file(), f"配置文件 {file} 里")
    return table


def _message(error: ValidationError, environment: Collection[str], file: str) -> str:
    """Return the error message in Chinese: where the setting stands, then our own check's message or the description."""
    first = error.errors()[0]
    ours = first.get("ctx", {}).get("error")
    if not first["loc"]:
        return str(ours)
    name = str(first["loc"][0])
    where = variable if (variable := f"{_PREFIX}{name.upper()}") in environment else f"{file} 里的 {name}"
    usual = Settings.model_fields[name].description or '要写成带引号的文字，如 "…"'
    return f"{where} {ours if isinstance(ours, SettingsError) else usual}"


def _is_address(text: str) -> bool:
    return text.lower().startswith(("http://", "https://"))


def _check_secrets(address_name: str, key_name: str, address: str, key: str) -> None:
    if _is_address(address) and "@" in address:
        raise SettingsError(f"{address_name} 的地址里不能写用户名和密码：密钥请写在 {key_name} 里")
    if not (key.isascii() and key.isprintable()):
        raise SettingsError(f"{key_name} 里有不能用的字符，请重新复制一次密钥")
