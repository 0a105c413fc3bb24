"""Settings, from the environment only.

Every variable is explained in `.env.example`. With `DEMO=1` nothing needs to be set; without it a
missing variable stops the start with a sentence that says what to set.
"""

import secrets
import sys
from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")
DEMO = env.bool("DEMO", default=False)


def _required(name: str, meaning: str) -> str:
    """The variable's text, or an end of the process with a sentence naming it."""
    value = env.str(name, default="")
    if not value:
        sys.exit(f"启动停止:没有设置环境变量 {name}({meaning})。请写入 .env 或服务配置,说明见 .env.example;只想试用请设 DEMO=1。")
    return value


def _demo_secret(name: str) -> str:
    """A random secret kept in `var/`, so that a demo restarted keeps its sessions."""
    path = VAR_DIR / name
    if not path.exists():
        VAR_DIR.mkdir(exist_ok=True)
        path.write_text(secrets.token_urlsafe(48))
        path.chmod(0o600)
    return path.read_text()


if DEMO:
    SECRET_KEY = env.str("SECRET_KEY", default="") or _demo_secret("secret_key")
    FIELD_KEYS = env.list("FIELD_KEYS", default=[]) or [_demo_secret("field_key")]
    ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"])
    MEDIA_ROOT = env.str("MEDIA_ROOT", default=str(VAR_DIR / "media"))
    DATABASE_URL = env.str("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}")
else:
    SECRET_KEY = _required("SECRET_KEY", "签名密钥,至少 50 个随机字符")
    FIELD_KEYS = _required("FIELD_KEYS", "电话等字段的加密密钥,逗号分隔,新的在前").split(",")
    ALLOWED_HOSTS = _required("ALLOWED_HOSTS", "本站域名,逗号分隔").split(",")
    MEDIA_ROOT = _required("MEDIA_ROOT", "照片和附件的文件夹")
    DATABASE_URL = _required("DATABASE_URL", "数据库地址,例如 postgres://用户:密码@127.0.0.1:5432/shijiao")

DEBUG = env.bool("DEBUG", default=False)
HTTPS = env.bool("HTTPS", default=not DEMO)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])
ADMIN_PATH = env.str("ADMIN_PATH", default="admin/").strip("/") + "/"
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", default=not DEMO)
SITE_NAME = env.str("SITE_NAME", default="石角安监")
ORGANISER = env.str("ORGANISER", default="綦江区石角镇人民政府")
SITE_CODE = env.str("SITE_CODE", default="")
ICP_NUMBER = env.str("ICP_NUMBER", default="")
POLICE_NUMBER = env.str("POLICE_NUMBER", default="")
HOME_AREA = env.str("HOME_AREA", default="500110111")
HOME_MARK = env.str("HOME_MARK", default="綦石")
SITE_URL = env.str("SITE_URL", default="").rstrip("/")
REDIS_URL = env.str("REDIS_URL", default="")
BROKER_URL = env.str("BROKER_URL", default="")

INSTALLED_APPS = [
    "accounts.admin_app.OfficeAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django_filters",
    "django_htmx",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "simple_history",
    "axes",
    "csp",
    "core",
    "accounts",
    "enterprises",
    "duties",
    "documents",
    "notices",
    "hazards",
    "inspections",
    "dashboard",
    *(["demo"] if DEMO else []),
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "core.middleware.WholeFormMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.middleware.HtmxVaryMiddleware",
    "core.middleware.MoveRefusedMiddleware",
    "accounts.middleware.SignInMiddleware",
    "enterprises.middleware.MembershipMiddleware",
    "accounts.middleware.SignedInMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "shijiao.urls"
WSGI_APPLICATION = "shijiao.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "shijiao.navigation.navigation",
            ],
            "builtins": ["core.templatetags.components"],
        },
    }
]

FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASES = {"default": env.db_url_config(DATABASE_URL)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Without IMMEDIATE most parallel writes fail with "database is locked".
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Sign-in
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["username", "name"]},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "accounts.views.signin.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "accounts.address.client_address"
AXES_ENABLE_ADMIN = False
OTP_TOTP_ISSUER = SITE_NAME
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "core.views.errors.csrf_failure"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "connect-src": ["'self'"],
        "font-src": ["'self'"],
        "form-action": ["'self'"],
        "worker-src": ["'self'"],
        "manifest-src": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "object-src": ["'none'"],
    }
}

# Language and time: Chinese pages, business dates in Chongqing.
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
STATICFILES_DIRS = [BASE_DIR / "static", ("vendor", BASE_DIR / "build" / "vendor")]
WHITENOISE_USE_FINDERS = DEMO
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEMO
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# A checklist may carry 1,200 inputs, each with remark, level and deadline beside it.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 12000
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", default=20 * 1024 * 1024)
UPLOAD_MAX_PIXELS = env.int("UPLOAD_MAX_PIXELS", default=50_000_000)
ROSTER_MAX_BYTES = env.int("ROSTER_MAX_BYTES", default=10 * 1024 * 1024)
ROSTER_MAX_ROWS = env.int("ROSTER_MAX_ROWS", default=20_000)
ROSTER_DIRECT_ROWS = 500
EXPORT_DIRECT_ROWS = 2_000
DATA_UPLOAD_MAX_NUMBER_FILES = 60

# Fonts of papers, the first that is installed; a character none of them has comes from Noto Serif CJK SC.
FONT_TITLE = env.list("FONT_TITLE", default=["FandolSong"])
FONT_SONG = env.list("FONT_SONG", default=["FandolSong"])
FONT_FANG = env.list("FONT_FANG", default=["FandolFang R"])
FONT_HEI = env.list("FONT_HEI", default=["FandolHei"])
FONT_KAI = env.list("FONT_KAI", default=["FandolKai"])

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="noreply@localhost")

REACTIONS = "shijiao.reactions.REACTIONS"
FILE_TABS = "shijiao.file_tabs.FILE_TABS"
CATALOGUES = [
    f"{app}.catalogue.load" for app in ("core", "accounts", "enterprises", "duties", "documents", "notices", "hazards", "inspections")
]
DELEGATING = "inspections.models.law.delegating"
SCHEDULE = "shijiao.schedule.SCHEDULE"
JOB_HANDLERS = "shijiao.schedule.JOB_HANDLERS"
CELERY_APP = "shijiao.celery.app"

# A worker that died loses its row after the lease; a failed row rests, four times longer after each attempt.
WORK_LEASE_SECONDS: float = 120
WORK_PAUSE_SECONDS: float = 15

SILENCED_SYSTEM_CHECKS = ["axes.W003"]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
