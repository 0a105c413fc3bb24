"""deploy/compose.yaml and the image: no Docker engine runs here, so schema, references and names are checked."""

import ast
import json
import re
import sys
from pathlib import Path

import pytest
import yaml

from tests.deploy.tools import DEPLOY, ROOT, commands, names, run, text, values

COMPOSE_ONLY = {"POSTGRES_PASSWORD", "OWNER_PASSWORD", "TLS_FOLDER"}
NEEDED = {"SECRET_KEY", "FIELD_KEYS", "ALLOWED_HOSTS", "MEDIA_ROOT", "DATABASE_URL"}
APPS = {"migrate", "web", "worker", "beat"}


def compose():
    return yaml.safe_load(text("deploy/compose.yaml"))


def schema(path):
    return run(sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", path)


def test_the_file_follows_the_published_schema():
    ended = schema(DEPLOY / "compose.yaml")
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize(("old", "new"), [("retries: 12", "retires: 12"), ("read_only: true", "read_only: [a]"), ("cpus: ", "cpu: ")])
def test_the_schema_refuses_what_is_wrong(tmp_path, old, new):
    wrong = tmp_path / "compose.yaml"
    wrong.write_text(text("deploy/compose.yaml").replace(old, new), encoding="utf-8")
    ended = schema(wrong)
    assert ended.returncode == 1, ended.stderr
    assert "Schema validation errors" in ended.stdout


def test_references_lead_somewhere():
    whole = compose()
    services = whole["services"]
    assert set(services) == APPS | {"db", "redis", "nginx"}
    assert {name for service in services.values() for name in service.get("depends_on", {})} <= set(services)
    assert {name for service in services.values() for name in service["networks"]} == set(whole["networks"])
    mounted = {volume.split(":")[0] for service in services.values() for volume in service.get("volumes", [])}
    assert {name for name in mounted if re.fullmatch(r"[a-z]+", name)} == set(whole["volumes"]) == {"database", "media", "backups"}
    healthy = {
        name
        for service in services.values()
        for name, how in service.get("depends_on", {}).items()
        if how["condition"] == "service_healthy"
    }
    assert {name for name in healthy if "test" not in services[name]["healthcheck"]} == set()
    assert {Path(DEPLOY / service["build"]["context"]).resolve() for service in services.values() if "build" in service} == {ROOT}


def test_every_service_is_watched_limited_and_restarted():
    for name, service in compose()["services"].items():
        assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}, name
        assert service["restart"] == ("no" if name == "migrate" else "unless-stopped"), name
        assert ("test" in service["healthcheck"]) is (name not in {"migrate", "beat"}), name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert ("ports" in service) is (name == "nginx"), name


def test_the_broker_is_apart_and_drops_nothing():
    services = compose()["services"]
    environment = services["worker"]["environment"]
    assert environment["REDIS_URL"].rsplit("/", 1)[0] == environment["BROKER_URL"].rsplit("/", 1)[0]
    assert environment["REDIS_URL"] != environment["BROKER_URL"]
    command = services["redis"]["command"]
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"


def test_the_proxy_is_trusted_by_its_network():
    whole = compose()
    [network] = whole["networks"]["inside"]["ipam"]["config"]
    assert whole["services"]["web"]["environment"]["TRUSTED_PROXIES"] == network["subnet"]


def test_the_template_of_settings_names_what_exists():
    template = names("deploy/env.example")
    assert template - names(".env.example") == COMPOSE_ONLY
    assert NEEDED | {"REDIS_URL", "BROKER_URL", "TRUSTED_PROXIES"} <= set(values("deploy/env.example"))
    assert "DEMO" not in template


def test_compose_sets_and_asks_for_names_that_exist():
    services = compose()["services"]
    assert {name for app in APPS for name in services[app]["environment"]} <= names(".env.example")
    assert {service for service in services if services[service].get("env_file") == ".env"} == APPS
    assert set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", text("deploy/compose.yaml"))) == COMPOSE_ONLY


def test_secrets_are_left_empty_and_the_filled_file_stays_out_of_git():
    assert {name: value for name, value in values("deploy/env.example").items() if "SECRET" in name or "KEY" in name} == {
        "SECRET_KEY": "",
        "FIELD_KEYS": "",
    }
    assert run("git", "check-ignore", "deploy/.env", cwd=ROOT).stdout == "deploy/.env\n"
    assert "**/.env" in text("deploy/Dockerfile.dockerignore").splitlines()


def test_containers_and_units_run_the_same_commands():
    services = compose()["services"]
    units = {name: commands(DEPLOY / "systemd" / f"shijiao-{name}.service") for name in APPS}
    assert [services[name]["command"][1:] for name in ("worker", "beat")] == [units[name][0][1:] for name in ("worker", "beat")]
    web = json.loads(re.search(r"^CMD (\[.+\])$", text("deploy/Dockerfile"), re.MULTILINE)[1])
    assert [word.replace("0.0.0.0", "127.0.0.1") for word in web[1:]] == units["web"][0][1:]
    migrate = services["migrate"]["command"][-1].split(" && ")
    assert [line.split()[1:] for line in migrate] == [line[1:] for line in units["migrate"][:2]]


def test_the_image_is_small_ours_and_not_run_by_root():
    lines = text("deploy/Dockerfile").replace("\\\n", " ").splitlines()
    assert {line.split()[1] for line in lines if line.startswith("FROM ") and "/" in line} == set(), "images by name, no registry's host"
    app = lines[lines.index("FROM base AS app") :]
    assert [line for line in app if line.startswith("USER")] == ["USER shijiao"]
    packages = next(line for line in lines if line.startswith("RUN apt-get") and "pango" in line)
    assert {"libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-noto-cjk"} <= set(packages.split())
    copied = [word for line in lines if line.startswith("COPY ") and "--from" not in line for word in line.split()[1:-1]]
    assert [path for path in copied if not (ROOT / path).exists()] == []
    ignored = text("deploy/Dockerfile.dockerignore").splitlines()
    assert [path for path in copied if path in ignored] == []


def test_the_health_check_stands_on_python_alone():
    """It runs for years in a container: no import from the project or its packages."""
    tree = ast.parse(text("deploy/healthcheck.py"))
    assert {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names} == {"http.client", "os", "sys"}
