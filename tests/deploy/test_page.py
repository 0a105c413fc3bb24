"""deploy/README.md: every file is explained, every path and command it names exists."""

import re

from django.core.management import get_commands

from tests.deploy.tools import DEPLOY, ROOT, text


def test_every_file_is_explained():
    page = text("deploy/README.md")
    files = {path.name for path in DEPLOY.iterdir() if not path.name.startswith(".")} - {"README.md", "systemd", "nginx", "__pycache__"}
    files |= {path.name for path in (DEPLOY / "nginx").iterdir()}
    assert [name for name in sorted(files) if f"{name}`" not in page] == []


def test_every_path_exists():
    page = text("deploy/README.md")
    named = set(re.findall(r"\bdeploy/[\w./-]+\w", page)) - {"deploy/.env"}
    assert "deploy/systemd" in named
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_every_command_exists():
    assert (
        set(re.findall(r"(?:deploy/manage|manage\.py) ([a-z_]+)", text("deploy/README.md")))
        == {"make_admin", "verify_events"}
        <= set(get_commands())
    )
