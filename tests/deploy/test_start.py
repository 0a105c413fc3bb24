"""The units' own commands with the template's settings: migrate, collect, serve, and answer the health check."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.deploy.tools import DEPLOY, ROOT, commands, free_port, here, run, server, values
from tests.sqlite3.base import kept


@pytest.fixture(scope="module")
def environment(tmp_path_factory, django_db_setup):
    """deploy/env.example filled in: SQLite in place of PostgreSQL, with the tables the test run has made by the same migrations; no Redis."""
    folder = tmp_path_factory.mktemp("installed")
    shutil.copy(kept(), folder / "db.sqlite3")
    (folder / "media").mkdir()
    filled = {name: value for name, value in values("deploy/env.example").items() if name not in {"REDIS_URL", "BROKER_URL"}}
    filled |= {"SECRET_KEY": "x" * 60, "FIELD_KEYS": "y" * 60, "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3"}
    filled |= {"MEDIA_ROOT": str(folder / "media"), "STATIC_ROOT": str(folder / "static"), "PATH": os.environ["PATH"]}
    return filled


def test_the_units_commands_bring_up_an_answering_server(environment):
    for command in commands(DEPLOY / "systemd" / "shijiao-migrate.service"):
        ended = run(*here(command), cwd=ROOT, env=environment)
        assert ended.returncode == 0, ended.stderr
    assert (Path(environment["STATIC_ROOT"]) / "staticfiles.json").exists()
    [command] = commands(DEPLOY / "systemd" / "shijiao-web.service")
    port = free_port()
    command = here(command)
    command[command.index("--port") + 1] = str(port)
    check = (sys.executable, DEPLOY / "healthcheck.py")
    asking = environment | {"HEALTHCHECK_PORT": str(port)}
    with server(command, port, cwd=ROOT, env=environment):
        assert run(*check, env=asking).returncode == 0
        assert run(*check, env=asking | {"ALLOWED_HOSTS": "other.example"}).returncode == 1, "a stranger's host is refused"
    assert run(*check, env=asking).returncode == 1, "nobody listens any more"
