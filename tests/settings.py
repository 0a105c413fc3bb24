"""Settings of the test run: demo settings, a quick hasher, plain static files, a throw-away media folder."""

import os
import tempfile

os.environ["DEMO"] = "1"
os.environ.setdefault("SECRET_KEY", "only-for-tests")
os.environ.setdefault("FIELD_KEYS", "only-for-tests")
os.environ.setdefault("MEDIA_ROOT", tempfile.mkdtemp(prefix="shijiao-media-"))

from shijiao.settings import *  # noqa: E402, F403

ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STATIC_ROOT = tempfile.mkdtemp(prefix="shijiao-static-")
WHITENOISE_AUTOREFRESH = True  # else every test client would list all static files first

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    DATABASES["default"] |= {"ENGINE": "tests.sqlite3", "TEST": {"NAME": ":memory:"}}  # noqa: F405

if REDIS_URL:  # noqa: F405
    # Each test process has a Redis database of its own, as it has a PostgreSQL database of its own.
    WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    CACHES["default"]["LOCATION"] = f"{REDIS_URL.rsplit('/', 1)[0]}/{WORKER}"  # noqa: F405

if "TEST_LEASE" in os.environ:
    # The worker and beat that tests/faults/test_worker.py starts as processes of their own.
    WORK_LEASE_SECONDS = float(os.environ["TEST_LEASE"])
    WORK_PAUSE_SECONDS = 0.2
    SCHEDULE = "tests.faults.engine.SCHEDULE"
    JOB_HANDLERS = "tests.faults.engine.HANDLERS"
