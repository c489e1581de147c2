"""The settings: from the environment, and from a file that it names; nothing else reads them."""

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

UPLOADED = "上传"  # the folder, below the one that is indexed, that uploads are put into
_PREFIX = "JIANBAO_"


class SettingsError(ValueError):
    """A setting is unknown or cannot be used; the message is Chinese."""


def _texts(read: Callable[[str], Any]) -> BeforeValidator:
    """Return what reads a value that is written as a text, as all are in the environment."""
    return BeforeValidator(lambda value: read(value) if isinstance(value, str) else value)


def _named(groups: dict[str, list[str]] | None) -> dict[str, list[str]] | None:
    for name in groups or ():
        if name in _in_file() or re.search(r"[/\\*.]|^公开$", name) or len(name) > LONGEST_GROUP:
            what = "设置要写在 [groups] 前面；名称里不能有 / \\ * .，也不能是“公开”"
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
_Groups = Annotated[dict[_Word, list[str]] | None, AfterValidator(_named), _texts(json.loads)]
_Network = Annotated[_Word, AfterValidator(_network)]
_Networks = Annotated[tuple[_Network, ...], _texts(lambda text: [one for one in text.split(",") if one.strip()])]
_Days = Annotated[int, Field(strict=True, ge=1, le=3650), _texts(int)]
_Switch = Annotated[bool, Field(strict=True), _texts(lambda text: _SWITCHES.get(text.lower()))]


class Settings(BaseSettings):
    """Where things lie, which models are used, and who may see what; a description says what is to be written."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, enable_decoding=False, extra="forbid", frozen=True, hide_input_in_errors=True
    )

    config: Path | None = None  # the TOML file; all other settings may stand in it
    data: Path = Path("data")  # the catalog and what is derived from it
    cache: Path  # the converted bundled model, shared by all data folders of a user
    encoder: str = ""  # "" for the bundled model, a local folder, a model's name on a hub, or the address of a server
    encoder_model: str = ""  # the name of the server's model
    encoder_key: str = Field("", repr=False)
    reranker: str = ""  # a cross-encoder's folder or name on a hub, "" for none
    llm_url: str = ""  # the address of a server with a language model, "" for none
    llm_model: str = ""
    llm_key: str = Field("", repr=False)
    key: str = Field("", repr=False)  # with which `jianbao mcp` looks into a data folder that has keys
    groups: _Groups = Field(  # access groups: their folders; None leaves those that the catalog keeps
        None, description='要写成 分组名 = ["文件夹", …]；在环境变量里写成 JSON：{"内部": ["内部", "纪要/2024"]}'
    )
    proxies: _Networks = Field(  # addresses whose headers about the caller are believed
        ("127.0.0.1", "::1"), description="要写代理的 IP 地址或网段，如 10.0.0.5、10.0.0.0/24"
    )
    sso_user: str = ""  # the header in which they name the person who has signed on, "" for none
    sso_groups: Annotated[str, AfterValidator(_with_user)] = ""  # the one in which they list that person's groups
    audit_days: _Days = Field(180, description="要写 1 到 3650 之间的整数")  # how long the audit's files are kept
    audit_queries: _Switch = Field(True, description="要写 true 或 false")  # whether it holds what was asked

    @model_validator(mode="before")
    @classmethod
    def _written(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Strip texts, and leave out those that say nothing; to believe no proxy is to say something."""
        stripped = {name: value.strip() if isinstance(value, str) else value for name, value in given.items()}
        said = {name: value for name, value in stripped.items() if value != "" or name == "proxies"}
        return {"cache": Path(said.pop("user_cache", "") or Path.home() / ".cache") / "jianbao"} | said

    @model_validator(mode="after")
    def _together(self) -> Self:
        """Check the servers: an address, the name of a model, and a key."""
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
    """Read the settings; `data` goes before JIANBAO_DATA, the environment before the file that JIANBAO_CONFIG names.

    Raise SettingsError for a name that does not exist and a value that cannot be used.
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
        raise SettingsError(_message(error, written, file)) from None  # it holds the values, keys among them


def _in_file() -> list[str]:
    return [name for name in Settings.model_fields if name != "config"]


def _check_names(given: Collection[str], usable: Collection[str], where: str = "") -> None:
    if unknown := sorted(set(given) - set(usable)):
        raise SettingsError(f"{where}没有这个设置：{'、'.join(unknown)}（可用的有 {'、'.join(usable)}）")


def _read_file(file: Path) -> dict[str, Any]:
    """Return what a TOML file says; raise SettingsError if it cannot be read or holds a name that does not exist."""
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SettingsError(f"配置文件打不开：{file}（{error.strerror}）") from error
    except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError are
        raise SettingsError(f"配置文件 {file} 不是 UTF-8 编码的 TOML：{error}") from error
    _check_names(table, _in_file(), f"配置文件 {file} 里")
    return table


def _message(error: ValidationError, environment: Collection[str], file: str) -> str:
    """Return what is wrong in Chinese: where the setting stands, and what our own check or its description says."""
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
