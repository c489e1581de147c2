"""Settings come from the environment only, and a misspelt one is an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.settings import SettingsError, read_settings


def test_defaults() -> None:
    settings = read_settings({"XDG_CACHE_HOME": "/cache"})
    assert (settings.data, settings.cache, settings.encoder) == (Path("data"), Path("/cache/jianbao"), "")


def test_the_environment_and_the_option_before_it() -> None:
    environment = {"JIANBAO_DATA": "/d", "JIANBAO_CACHE": "/c", "JIANBAO_ENCODER": "/model"}
    settings = read_settings(environment)
    assert (settings.data, settings.cache, settings.encoder) == (Path("/d"), Path("/c"), "/model")
    assert read_settings(environment, data=Path("/other")).data == Path("/other")


def test_a_misspelt_setting_is_refused() -> None:
    with pytest.raises(SettingsError, match="JIANBAO_ENCDER"):
        read_settings({"JIANBAO_ENCDER": "x"})
