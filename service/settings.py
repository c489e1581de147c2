"""The settings, from the environment; nothing else reads it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_KNOWN = {"JIANBAO_DATA", "JIANBAO_CACHE", "JIANBAO_ENCODER"}


class SettingsError(Exception):
    """A setting is unknown or cannot be used; the message is Chinese."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things lie and which encoder is used."""

    data: Path  # the catalog and what is derived from it
    cache: Path  # the converted bundled model, shared by all data folders of a user
    encoder: str  # "" for the bundled model, a local folder, or a model's name on a hub


def read_settings(environment: Mapping[str, str] = os.environ, data: Path | None = None) -> Settings:
    """Read the settings; `data` goes before JIANBAO_DATA. Raise SettingsError for a name that does not exist."""
    unknown = sorted(name for name in environment if name.startswith("JIANBAO_") and name not in _KNOWN)
    if unknown:
        raise SettingsError(f"没有这个设置：{'、'.join(unknown)}（可用的有 {'、'.join(sorted(_KNOWN))}）")
    user_cache = environment.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Settings(
        data=data or Path(environment.get("JIANBAO_DATA") or "data"),
        cache=Path(environment.get("JIANBAO_CACHE") or f"{user_cache}/jianbao"),
        encoder=environment.get("JIANBAO_ENCODER", ""),
    )
