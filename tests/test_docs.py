"""The documents name what exists: commands, settings, routes, files; the English and the Chinese ones have the same parts."""

from __future__ import annotations

import re
import tomllib

import pytest
from conftest import ROOT
from fastapi.routing import APIRoute
from packaging.requirements import Requirement

from service import VERSION
from service.cli.arguments import command_line
from service.http.app import create_app
from service.keys.registry import Keys
from service.settings import Settings

READMES = ["README.md", "README.zh-CN.md"]
DOCS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md"))
REFERENCE = [name for name in DOCS if name.startswith("docs/reference/")]
TWINS = [name for name in ("README.md", *REFERENCE) if not name.endswith(".zh-CN.md")]


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def both(page: str) -> list[str]:
    """Return a page of the reference in both languages."""
    return [f"docs/reference/{page}.md", f"docs/reference/{page}.zh-CN.md"]


def outline(text: str) -> tuple[list[str], list[str]]:
    """Return the levels of the headings, and the languages of the code blocks."""
    blocks = re.findall(r"^ *```(\w*)\n.*?^ *```$", text, re.MULTILINE | re.DOTALL)
    prose = re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"^(#+) ", prose, re.MULTILINE), blocks


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
def test_readme_uses_commands_that_exist(readme: str) -> None:
    used = set(re.findall(r"(?:^\$ |`)jianbao ([a-z]+)", text_of(readme), re.MULTILINE))
    assert {"ask", "cases", "key"} <= used <= commands()


@pytest.mark.parametrize("readme", READMES)
def test_readme_has_the_figures_of_the_benchmarks(readme: str) -> None:
    figures = re.findall(r"\b0\.\d{3}\b", text_of(readme))
    assert figures
    assert [figure for figure in figures if figure not in text_of("benchmarks/README.md")] == []


@pytest.mark.parametrize("page", both("commands"))
def test_reference_names_every_command_and_no_other(page: str) -> None:
    assert set(re.findall(r"^jianbao ([a-z]+)", text_of(page), re.MULTILINE)) == commands()


@pytest.mark.parametrize("page", both("settings"))
def test_reference_names_every_setting(page: str) -> None:
    assert set(re.findall(r"JIANBAO_[A-Z_]+", text_of(page))) == {f"JIANBAO_{name.upper()}" for name in Settings.model_fields}


@pytest.mark.parametrize("page", both("http"))
def test_reference_names_every_route(page: str) -> None:
    app = create_app(None, Keys(ROOT))
    routes = {route.path for route in app.routes if isinstance(route, APIRoute) and route.include_in_schema}
    named = {path.rstrip("?") for path in re.findall(r"(?:GET|POST|DELETE) (/[a-z/{}_.]*)", text_of(page))}
    assert named == {re.sub(r"(document|item)_id", "id", path) for path in routes}


@pytest.mark.parametrize("name", TWINS)
def test_both_languages_have_the_same_headings_and_code_blocks(name: str) -> None:
    assert outline(text_of(name)) == outline(text_of(name.replace(".md", ".zh-CN.md")))


@pytest.mark.parametrize("name", [*READMES, "ARCHITECTURE.md", "CONTRIBUTING.md", *DOCS])
def test_links_point_at_files_that_exist(name: str) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", text_of(name))
    paths = [link.partition("#")[0] for link in links if not re.match(r"[a-z]+:", link)]
    assert [path for path in paths if path and not ((ROOT / name).parent / path).exists()] == []


def test_what_is_said_to_be_tested_is(name: str = "docs/security.md") -> None:
    named = set(re.findall(r"`(test_\w+\.py)`", text_of(name)))
    assert len(named) > 20 and not [file for file in named if not (ROOT / "tests" / file).is_file()]


def test_architecture_names_every_folder_and_nothing_else() -> None:
    named = set(re.findall(r"`((?:ingest|index|answer|cases|service)/[\w./]+)`", text_of("ARCHITECTURE.md")))
    assert {name for name in named if not (ROOT / name).exists()} == set()
    packages = [ROOT / name for name in ("ingest", "index", "answer", "cases", "service")]
    folders = {path.parent.relative_to(ROOT).as_posix() for package in packages for path in package.glob("*/__init__.py")}
    assert {f"{folder}/" for folder in folders} | {"service/web/"} <= named


def test_the_wheelhouse_is_made_of_every_package() -> None:
    copied = re.search(r"^cp -R pyproject.toml README.md LICENSE (.+) \"", text_of("scripts/wheelhouse"), re.MULTILINE)
    packages = re.search(r"^include = \[(.+)\]", text_of("pyproject.toml"), re.MULTILINE)
    assert copied and packages and copied[1].split() == re.findall(r"\w+", packages[1])


def test_versions_with_hashes_are_noted_for_every_package() -> None:
    project = tomllib.loads(text_of("pyproject.toml"))["project"]
    asked = {_normal(one.name): one.specifier for one in map(Requirement, project["dependencies"])}
    pin = re.compile(r"^([\w-]+)==(\S+)(?: ;.*)? \\\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", re.MULTILINE)
    for path in (ROOT / "scripts" / "constraints").glob("*.txt"):
        noted = path.read_text(encoding="utf-8")
        versions = {_normal(name): version for name, version in pin.findall(noted)}
        assert len(versions) == len(re.findall("(?m)^\\w", noted)), "each has a hash"
        assert [name for name, wanted in asked.items() if not wanted.contains(versions.get(name, "0"))] == [], path.name


def _normal(name: str) -> str:
    return name.lower().replace("_", "-")


def test_changelog_tells_of_this_version() -> None:
    assert f"## {VERSION}" in text_of("CHANGELOG.md")


def test_documents_say_that_they_are_invented() -> None:
    assert "示例" in text_of("documents/README.md")
    for path in (ROOT / "scripts" / "samples").glob("bulletin-*.txt"):
        assert "（示例资料，内容纯属虚构）" in path.read_text(encoding="utf-8")
