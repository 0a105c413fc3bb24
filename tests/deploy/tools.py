"""What the deployment tests share: the files of deploy/, rendered copies, throw-away servers."""

import contextlib
import datetime
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "deploy"
HOST = "anjian.example.gov.cn"


def text(path):
    return (ROOT / path).read_text(encoding="utf-8")


def names(path):
    """The variables a template of settings names, commented out or not."""
    return set(re.findall(r"^#?([A-Z_]+)=", text(path), re.MULTILINE))


def values(path):
    """The variables a template of settings sets."""
    return dict(re.findall(r"^([A-Z_]+)=(.*)$", text(path), re.MULTILINE))


def tool(name, *places):
    """The program's path; a missing one fails the test that needs it."""
    found = shutil.which(name, path=os.pathsep.join([os.environ["PATH"], "/usr/sbin", *map(str, places)]))
    assert found, f"{name} is missing: run bin/setup test"
    return found


def nginx():
    return tool("nginx", ROOT / "build" / "nginx" / "usr" / "sbin")


def run(*command, **options):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **options)


def units():
    return sorted((DEPLOY / "systemd").glob("shijiao-*.service"))


def commands(unit):
    """Each ExecStart of a unit as a list of words."""
    return [shlex.split(line) for line in re.findall(r"^ExecStart=(.+)$", unit.read_text(encoding="utf-8"), re.MULTILINE)]


def here(command):
    """The command as it runs in this checkout."""
    return [str(Path(sys.executable).parent / Path(command[0]).name), *command[1:]]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def server(command, port, **options):
    """The program while it listens on the port; it is ended afterwards."""
    with subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options) as process:
        try:
            for _ in range(300):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                assert process.poll() is None, process.stdout.read().decode()
                time.sleep(0.1)
            else:
                raise AssertionError(f"{command[0]} does not listen on {port}")
            yield process
        finally:
            process.terminate()
            process.wait(timeout=20)


def make_certificate(folder):
    """A self-signed certificate and its key, as fullchain.pem and privkey.pem."""
    folder.mkdir(parents=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), start, start.replace(year=2046))
    (folder / "fullchain.pem").write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    private = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "privkey.pem").write_bytes(key.private_bytes(*private))


def render_site(site, folder, *, upstream, http=None, https=None):
    """A configuration around a copy of the site that touches only `folder`; returns its path."""
    make_certificate(folder / "tls")
    changes = {
        "/opt/shijiao/deploy/nginx": str(folder),
        "/etc/shijiao/tls": str(folder / "tls"),
        "/var/lib/shijiao/static": str(folder / "static"),
        "/var/log/nginx": str(folder),
        "server 127.0.0.1:8000": f"server {upstream}",
        "server web:8000": f"server {upstream}",
        "listen 80": f"listen 127.0.0.1:{http or free_port()}",
        "listen 443": f"listen 127.0.0.1:{https or free_port()}",
    }
    for source in (DEPLOY / "nginx").iterdir():
        rendered = re.sub(r"^ +listen \[::\].*\n", "", source.read_text(encoding="utf-8"), flags=re.MULTILINE)
        for old, new in changes.items():
            rendered = rendered.replace(old, new)
        (folder / source.name).write_text(rendered, encoding="utf-8")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root;" if os.geteuid() == 0 else ""
    types = "types { text/css css; application/javascript js; }"
    main = folder / "main.conf"
    main.write_text(
        f"{user} daemon off; pid {folder}/pid; error_log stderr; events {{}} http {{ access_log off; {types} {temporary} include {folder}/{site}; }}",
        encoding="utf-8",
    )
    return main
