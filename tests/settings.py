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
