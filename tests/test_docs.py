"""The documents name what exists: commands, settings, routes; the English and Chinese README say the same."""

from __future__ import annotations

import re

import pytest
from conftest import ROOT
from fastapi.routing import APIRoute

from service import VERSION
from service.app import create_app
from service.arguments import command_line
from service.keys import Keys
from service.settings import Settings

READMES = ["README.md", "README.zh-CN.md"]


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def commands() -> set[str]:
    actions = [action for action in command_line()._actions if action.choices and action.dest == "command"]
    return set(actions[0].choices or ())


@pytest.mark.parametrize("readme", READMES)
def test_readme_has_the_two_commands_on_its_first_screen(readme: str) -> None:
    first = text_of(readme)[:1800]
    assert "scripts/serve" in first
    assert "scripts/test" in first
    image = re.search(r"!\[[^\]]*\]\(([^)]+)\)", first)
    assert image
    assert (ROOT / image[1]).is_file()


@pytest.mark.parametrize("readme", READMES)
def test_readme_names_every_command_and_no_other(readme: str) -> None:
    assert set(re.findall(r"^jianbao ([a-z]+)", text_of(readme), re.MULTILINE)) == commands()


@pytest.mark.parametrize("readme", READMES)
def test_readme_names_every_setting(readme: str) -> None:
    assert set(re.findall(r"JIANBAO_[A-Z_]+", text_of(readme))) == {f"JIANBAO_{name.upper()}" for name in Settings.model_fields}


@pytest.mark.parametrize("readme", READMES)
def test_readme_names_every_route(readme: str) -> None:
    app = create_app(None, Keys(ROOT))
    routes = {route.path for route in app.routes if isinstance(route, APIRoute) and route.include_in_schema}
    named = {path.rstrip("?") for path in re.findall(r"(?:GET|POST|DELETE) (/[a-z/{}_.]*)", text_of(readme))}
    assert named == {re.sub(r"(document|item)_id", "id", path) for path in routes}


def test_architecture_names_every_module() -> None:
    named = set(re.findall(r"`((?:ingest|index|answer|cases|service)/\w+\.py)`", text_of("ARCHITECTURE.md")))
    packages = [ROOT / name for name in ("ingest", "index", "answer", "cases", "service")]
    modules = {path.relative_to(ROOT).as_posix() for package in packages for path in package.glob("*.py")}
    assert named == {module for module in modules if not module.endswith("__init__.py")}


def test_changelog_tells_of_this_version() -> None:
    assert f"## {VERSION}" in text_of("CHANGELOG.md")


def test_documents_say_that_they_are_invented() -> None:
    assert "示例" in text_of("documents/README.md")
    for path in (ROOT / "scripts" / "samples").glob("bulletin-*.txt"):
        assert "（示例资料，内容纯属虚构）" in path.read_text(encoding="utf-8")
