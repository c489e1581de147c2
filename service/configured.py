"""Values of settings as people wrote them: in a TOML file, or in the environment, which goes before it."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SWITCHES = {"true": True, "1": True, "yes": True, "是": True, "false": False, "0": False, "no": False, "否": False}


class SettingsError(Exception):
    """A setting is unknown or cannot be used; the message is Chinese."""


@dataclass(frozen=True, slots=True)
class Given:
    """What the environment and the file say, by the names of the settings in the file."""

    environment: Mapping[str, str]
    table: Mapping[str, Any]
    file: str

    def value(self, name: str) -> Any:
        """Return a setting as it is written, None if nobody wrote it."""
        return self.environment.get(f"JIANBAO_{name.upper()}", self.table.get(name))

    def text(self, name: str) -> str:
        """Return a setting that is a text, "" if nobody wrote it."""
        value = self.value(name)
        if value is not None and not isinstance(value, str):
            raise self.wrong(name, '要写成带引号的文字，如 "…"')
        return (value or "").strip()

    def number(self, name: str, usual: int, least: int, most: int) -> int:
        """Return a setting that is a whole number."""
        value = self.value(name)
        if isinstance(value, str) and value.strip().isdecimal():
            value = int(value)
        if value is None or value == "":
            return usual
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise self.wrong(name, f"要写 {least} 到 {most} 之间的整数")
        return value

    def switch(self, name: str, usual: bool) -> bool:
        """Return a setting that is on or off."""
        value = self.value(name)
        if isinstance(value, str):
            value = _SWITCHES.get(value.strip().lower(), usual if not value.strip() else value)
        if value is None:
            return usual
        if not isinstance(value, bool):
            raise self.wrong(name, "要写 true 或 false")
        return value

    def wrong(self, name: str, what: str) -> SettingsError:
        """Return the error of a value that cannot be used, which says where it stands."""
        variable = f"JIANBAO_{name.upper()}"
        return SettingsError(f"{variable if variable in self.environment else f'{self.file} 里的 {name}'} {what}")


def read_file(file: Path, names: Collection[str]) -> dict[str, Any]:
    """Return the settings of a TOML file; raise SettingsError if it cannot be read or holds a name that does not exist."""
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SettingsError(f"配置文件打不开：{file}（{error.strerror}）") from error
    except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError are
        raise SettingsError(f"配置文件 {file} 不是 UTF-8 编码的 TOML：{error}") from error
    if unknown := sorted(table.keys() - set(names)):
        raise SettingsError(f"配置文件 {file} 里没有这个设置：{'、'.join(unknown)}（可用的有 {'、'.join(names)}）")
    return table
