"""deploy/systemd: accepted by systemd itself, narrow, and naming commands that exist."""

import re
import shutil
from pathlib import Path

import pytest
from django.core.management import get_commands

from tests.deploy.tools import DEPLOY, commands, here, run, text, tool, units

OURS = {"shijiao-beat", "shijiao-migrate", "shijiao-web", "shijiao-worker"}


@pytest.fixture
def rendered(tmp_path):
    """The units in a folder of their own, with programs that exist in place of the installed ones."""
    shutil.copytree(DEPLOY / "systemd", tmp_path / "units")
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("python", "granian", "celery"):
        (programs / name).symlink_to("/bin/true")
    for unit in (tmp_path / "units").glob("*.service"):
        unit.write_text(unit.read_text(encoding="utf-8").replace("/opt/shijiao/.venv/bin", str(programs)), encoding="utf-8")
    return tmp_path / "units"


def verify(folder):
    files = sorted(path for path in folder.iterdir() if path.suffix in {".service", ".target"})
    return run(tool("systemd-analyze"), "verify", "--man=no", "--generators=no", "--recursive-errors=no", *files)


def test_systemd_accepts_every_unit(rendered):
    ended = verify(rendered)
    assert (ended.returncode, ended.stdout + ended.stderr) == (0, "")
    assert {path.stem for path in units()} == OURS


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("shijiao-web.service", "MemoryMaximum=1G"),
        ("shijiao-beat.service", "MemoryMax=much"),
        ("shijiao-.service.d/common.conf", "ProtectSystem=always"),
        ("shijiao-migrate.service", "Restart=always"),
        ("shijiao-migrate.service.d/owner.conf", "MemoryMax=much"),
    ],
)
def test_systemd_names_what_is_wrong(rendered, file, line):
    """The control of the test above: also what stands in the shared file is read."""
    (rendered / file).write_text((rendered / file).read_text(encoding="utf-8") + f"\n[Service]\n{line}\n", encoding="utf-8")
    ended = verify(rendered)
    assert file in ended.stdout + ended.stderr


@pytest.mark.parametrize("name", sorted(OURS))
def test_units_are_hardened(rendered, name):
    """`systemd-analyze security` counts from 0 (closed) to 10 (open); a unit without any hardening has 9.6."""
    analyze = (tool("systemd-analyze"), "security", "--offline=true", "--no-pager")
    ended = run(*analyze, "--threshold=20", rendered / f"{name}.service")
    assert ended.returncode == 0, ended.stdout[-300:]
    (rendered / "shijiao-.service.d" / "common.conf").unlink()
    assert run(*analyze, "--threshold=20", rendered / f"{name}.service").returncode != 0


def test_migrations_run_as_the_owner():
    """systemd reads the drop-ins of all folders by their names: the owner's address comes after the common one, so it counts."""
    dropped = sorted((path.name, line) for path in (DEPLOY / "systemd").glob("shijiao-*.d/*.conf") for line in environment_files(path))
    assert dropped == [("common.conf", "/etc/shijiao/env"), ("owner.conf", "/etc/shijiao/owner")]
    assert [line for unit in units() for line in environment_files(unit)] == []


def environment_files(path):
    return re.findall(r"^EnvironmentFile=(.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)


def test_every_unit_is_limited():
    common = text("deploy/systemd/shijiao-.service.d/common.conf")
    assert [limit for limit in ("LimitNOFILE", "TasksMax") if f"\n{limit}=" not in common] == []
    assert [unit.name for unit in units() if "\nMemoryMax=" not in unit.read_text(encoding="utf-8")] == []


def test_the_target_starts_every_unit():
    wanted = re.search(r"^Wants=(.+)$", text("deploy/systemd/shijiao.target"), re.MULTILINE)
    assert {Path(name).stem for name in wanted[1].split()} == OURS


def test_commands_exist():
    found = {unit.stem: commands(unit) for unit in units()}
    assert all(line[0].startswith("/opt/shijiao/.venv/bin/") for lines in found.values() for line in lines)
    managed = [line[2] for lines in found.values() for line in lines if line[1] == "manage.py"]
    assert managed == ["migrate", "load_catalogue", "collectstatic"]
    assert set(managed) <= set(get_commands())
    assert [line[1:4] for line in found["shijiao-worker"] + found["shijiao-beat"]] == [
        ["-A", "shijiao", "worker"],
        ["-A", "shijiao", "beat"],
    ]


@pytest.mark.parametrize("name", ["shijiao-web", "shijiao-worker", "shijiao-beat"])
def test_options_are_known_to_the_program(name):
    [command] = commands(DEPLOY / "systemd" / f"{name}.service")
    program, options = here(command), {word.split("=")[0] for word in command if word.startswith("--")}
    subcommand = [program[3]] if program[1] == "-A" else []
    offered = run(program[0], *subcommand, "--help").stdout
    assert options
    assert sorted(option for option in options if not re.search(rf"(^|[\s,/]){option}\b", offered)) == []
