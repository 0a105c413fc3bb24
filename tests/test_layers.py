"""Imports go down only: an ast walk, imports inside functions and dotted strings included."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LAYERS = [
    {"core"},
    {"accounts"},
    {"enterprises"},
    {"duties"},
    {"documents", "notices"},
    {"risks"},
    {"hazards"},
    {"inspections", "responsibility"},
    {"enforcement"},
    {"standardization", "campaigns", "accidents"},
    {"assessment"},
    {"dashboard"},
    {"shijiao"},
]
HEIGHT = {app: height for height, apps in enumerate(LAYERS) for app in apps}


def targets(node: ast.AST, package: str) -> list[str]:
    """The first part of every dotted name this node reaches for: an import, or a string like "hazards.models.Hazard"."""
    if isinstance(node, ast.Import):
        return [alias.name.split(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [package if node.level else (node.module or "").split(".")[0]]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        first, dot, rest = node.value.partition(".")
        return [first] if dot and rest[:1].isalpha() and " " not in node.value else []
    return []


def breaches(root: Path) -> list[str]:
    """ "file:line reaches up to app" for each import or dotted string that goes up or sideways."""
    found = []
    for app in HEIGHT:
        for path in sorted((root / app).rglob("*.py")):
            if "migrations" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                for name in targets(node, app):
                    if name in HEIGHT and name != app and HEIGHT[name] >= HEIGHT[app]:
                        found.append(f"{path.relative_to(root)}:{node.lineno} reaches {name}")
    return found


def test_imports_go_down_only():
    """Settings name templates' context processors and tasks by dotted path; only shijiao, at the top, may."""

    assert breaches(ROOT) == []


def test_every_app_of_ours_has_a_layer(settings):
    ours = {app.split(".")[0] for app in settings.INSTALLED_APPS if (ROOT / app.split(".")[0]).is_dir()}
    assert ours - {"demo"} <= set(HEIGHT), "demo is free: it may use every app"


@pytest.mark.parametrize(
    ("app", "source", "reached"),
    [
        ("core", "from hazards.models import Hazard\n", "hazards"),
        ("core", "import enterprises\n", "enterprises"),
        ("core", "def late():\n    import accounts.roles\n", "accounts"),
        ("accounts", "HANDLER = 'enterprises.models.Enterprise'\n", "enterprises"),
        ("inspections", "from responsibility import models\n", "responsibility"),
        ("hazards", "import shijiao.settings\n", "shijiao"),
    ],
)
def test_the_checker_itself_finds_a_breach(tmp_path, app, source, reached):
    """The control: a bad tree is refused, a good one is not."""
    (tmp_path / app).mkdir()
    file = tmp_path / app / "models.py"
    file.write_text("from django.db import models\nfrom core.models import Event\n" if app != "core" else "import json\n")
    assert breaches(tmp_path) == []
    file.write_text(source)
    assert [line.split(" reaches ")[1] for line in breaches(tmp_path)] == [reached]
