"""Docs that must not fall behind the code."""

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent
OURS = [config for config in apps.get_app_configs() if Path(config.path).parent == ROOT]
MODELS = [m for config in OURS for m in config.get_models() if not m.__name__.startswith("Historical")]


def text(path):
    return (ROOT / path).read_text(encoding="utf-8")


def test_every_model_is_in_the_glossary():
    glossary = text("docs/glossary.md")
    missing = [m._meta.label for m in MODELS if f"| {m._meta.verbose_name} | `{m.__name__}` |" not in glossary]
    assert missing == []


def test_every_model_says_in_a_sentence_what_it_is():
    assert [m._meta.label for m in MODELS if m.__doc__.startswith(f"{m.__name__}(") or not m.__doc__.strip().endswith((".", "…"))] == []


def test_every_model_has_a_chinese_name():
    assert [m._meta.label for m in MODELS if not re.search(r"[一-鿿]", str(m._meta.verbose_name))] == []


def test_settings_and_env_example_name_the_same_variables():
    read = set(re.findall(r'(?:env\.\w+|_required)\(\s*"([A-Z_]+)"', text("shijiao/settings.py")))
    explained = set(re.findall(r"^#?([A-Z_]+)=", text(".env.example"), re.MULTILINE))
    assert read == explained
    assert len(read) > 10


@pytest.mark.django_db
def test_models_and_migrations_agree():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_the_readme_names_every_command():
    readme = text("README.md")
    commands = [path.name for path in sorted((ROOT / "bin").iterdir()) if os.access(path, os.X_OK) and path.name != "vendor"]
    assert [name for name in commands if f"bin/{name}" not in readme] == []
    assert commands == ["bench", "check", "lint", "requirements", "run", "setup", "test"]


def test_decisions_are_short_and_numbered():
    records = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert [path.name[:4] for path in records] == [f"{n:04d}" for n in range(1, len(records) + 1)]
    assert [path.name for path in records if len(path.read_text(encoding="utf-8").splitlines()) > 40] == []


def test_links_between_the_docs_lead_somewhere():
    broken = []
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
            if not (path.parent / target).exists():
                broken.append(f"{path.relative_to(ROOT)} → {target}")
    assert broken == []


@pytest.mark.parametrize("missing", ["SECRET_KEY", "FIELD_KEYS", "ALLOWED_HOSTS", "MEDIA_ROOT", "DATABASE_URL"])
def test_without_a_needed_setting_the_start_stops_with_a_sentence(missing):
    needed = {"SECRET_KEY": "x" * 60, "FIELD_KEYS": "k", "ALLOWED_HOSTS": "h", "MEDIA_ROOT": "m", "DATABASE_URL": "sqlite://:memory:"}
    environment = {name: value for name, value in needed.items() if name != missing} | {"PATH": os.environ["PATH"]}
    ended = subprocess.run([sys.executable, "-c", "import shijiao.settings"], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert ended.returncode == 1
    assert missing in ended.stderr
    assert "启动停止" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_write_docs_draws_every_machine(capsys):
    """The state pictures are printed from MOVES, so they cannot fall behind."""
    call_command("write_docs")
    printed = capsys.readouterr().out
    from core.models import Stateful

    machines = [m for m in MODELS if issubclass(m, Stateful)]
    assert [m._meta.label for m in machines if f"## {m._meta.verbose_name}" not in printed] == []
    assert [name for m in machines for name, move in m.MOVES.items() if move.label not in printed] == []


def test_public_commands_explain_themselves():
    from django.core.management import get_commands, load_command_class

    own = {name for name, app in get_commands().items() if app in {config.name for config in OURS}}
    assert own >= {"demo", "ticker", "load_catalogue", "write_docs"}
    assert [name for name in sorted(own) if not inspect.getdoc(type(load_command_class(get_commands()[name], name)))] == []
