"""What README.md says is so: the floors, the settings, the commands, the targets and the files it points to."""

import ast
import re
import tomllib

import pytest

from app.settings import KeyholderSettings, Settings
from tests import ROOT

README = (ROOT / "README.md").read_text()
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
LAYERS = [
    layer.strip("()")
    for layer in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]["layers"]
]


def _section(heading: str) -> str:
    return README.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def _floors() -> list[tuple[str, str]]:
    return re.findall(r"^ {4}(\w+) +(.+)$", _section("The floors"), re.M)


def test_the_floors_are_those_of_the_contract() -> None:
    assert [name for name, _ in _floors()] == LAYERS


def test_a_floor_is_to_come_as_long_as_it_is_not_there() -> None:
    for name, words in _floors():
        there = (ROOT / "app" / name).is_dir() or (ROOT / "app" / f"{name}.py").exists()
        assert words.startswith("(to come)") is not there, name


def test_the_settings_are_those_that_are_read() -> None:
    told = re.findall(r"^\| `(\w+)` \| `([^`]*)` \| .+ \|$", _section("Settings"), re.M)
    read = []
    for name, field in Settings.model_fields.items():
        aliases = getattr(field.validation_alias, "choices", [f"PORTAL_{name.upper()}"])
        read.append((str(aliases[0]), str(field.default)))
    assert told == read


def test_the_keyholders_settings_are_those_that_are_read() -> None:
    told = re.findall(r"^\| `(KEYHOLDER_\w+)` \| `([^`]*)` \| .+ \|$", _section("The keyholder"), re.M)
    fields = KeyholderSettings.model_fields
    assert told == [(f"KEYHOLDER_{name.upper()}", str(field.default)) for name, field in fields.items()]


def test_the_deployment_names_only_settings_that_exist() -> None:
    known = set(re.findall(r"^\| `(\w+)`", _section("Settings"), re.M))
    assert set(re.findall(r"\bPORTAL_[A-Z_]+", README)) <= known


def test_every_target_exists_and_is_told() -> None:
    assert set(re.findall(r"\bmake ([a-z]+)\b", README)) <= TARGETS
    told = set(re.findall(r"^\| `make ([a-z]+)` \|", _section("Tests and tools"), re.M))
    assert told == TARGETS - {"help", "run", "browser", "scanner", "tracing"}


def test_every_command_exists() -> None:
    lines = (ast.get_docstring(ast.parse((ROOT / "app" / "__main__.py").read_text())) or "").splitlines()
    known = {line.split()[0] for line in lines[2:] if line}
    table = {words.split()[0] for words in re.findall(r"^\| `([a-zA-Z ]+)` \|", _section("Deployment"), re.M)}
    assert table | {"run", "demo"} == known
    assert set(re.findall(r"python -m app ([a-z]+)", README)) <= known


def test_every_file_it_points_to_exists() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert len(links) > 15
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("heading", re.findall(r"\]\(#([a-z-]+)\)", README))
def test_every_heading_it_points_to_exists(heading: str) -> None:
    assert heading in {words.lower().replace(" ", "-") for words in re.findall(r"^## (.+)$", README, re.M)}


DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))


def test_decisions_are_numbered_in_one_line() -> None:
    assert [path.name[:5] for path in DECISIONS] == [f"{number:04d}-" for number in range(1, len(DECISIONS) + 1)]


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.name)
def test_a_decision_says_why_what_and_what_else_on_one_page(path: object) -> None:
    text = path.read_text()  # type: ignore[attr-defined]
    for part in ("Context", "Decision", "Consequences", "Alternatives"):
        assert f"**{part}.**" in text
    assert len(text.split()) < 450
    for name in re.findall(r"`((?:app|static|docs|migrations)/[\w/.-]*\.\w+)`", text):
        assert (ROOT / name).exists(), name
