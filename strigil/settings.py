"""Django settings. What a clinic may set comes from the environment and is listed in docs/reference/settings.md."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from strigil.sqlite import use_safe_sqlite

use_safe_sqlite()

HERE = Path(__file__).parent


def _yes(name: str, given: str) -> bool:
    if given not in ("", "no", "yes"):
        raise RuntimeError(f"{name}: given {given!r}; allowed: yes or no")
    return given == "yes"


def _several(name: str, given: str, each: str, allowed: str) -> list[str]:
    """What is given with commas; every one of them has to look like ``each``."""
    found = [one for one in given.split(",") if one]
    for one in found:
        if not re.fullmatch(each, one):
            raise RuntimeError(f"{name}: given {one!r}; allowed: {allowed}, with commas and no spaces")
    return found


DATA = Path(os.environ.get("STRIGIL_DATA", "strigil-data")).resolve()
DEMO = _yes("STRIGIL_DEMO", os.environ.get("STRIGIL_DEMO", ""))
WALLS = _yes("STRIGIL_WALLS", os.environ.get("STRIGIL_WALLS", ""))
AUDIT_KEY = os.environ.get("STRIGIL_AUDIT_KEY") or f"{DATA}.audit-key"

DEBUG = False
SECRET_KEY = os.environ.get("STRIGIL_SECRET_KEY", "")
ALLOWED_HOSTS = _several(
    "STRIGIL_HOSTS",
    os.environ.get("STRIGIL_HOSTS", "127.0.0.1,localhost,[::1]"),
    r"\.?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*|\[[0-9a-f:]+\]|\*",
    "names such as clinic.example, without https:// and without a port",
)
CSRF_TRUSTED_ORIGINS = _several(
    "STRIGIL_ORIGINS",
    os.environ.get("STRIGIL_ORIGINS", ""),
    r"https?://[^/\s]+",
    "origins such as https://clinic.example",
)


PATIENCE = 20
"""Seconds that a statement waits for somebody else's; then it fails, and its page says that nothing was saved."""


def _database(address: str) -> dict[str, object]:
    """``sqlite:PATH`` or ``postgresql://user:password@host:port/name``."""
    if address.startswith("sqlite:"):
        return {
            "ENGINE": "strigil.accounts.sqlite",
            "NAME": address.removeprefix("sqlite:"),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": PATIENCE,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON;"
                    " PRAGMA trusted_schema=OFF; PRAGMA foreign_keys=ON;"
                ),
            },
            "CONN_MAX_AGE": None,
        }
    parts = urlsplit(address)
    if parts.scheme != "postgresql":
        raise RuntimeError(
            f"STRIGIL_DATABASE: given {parts.scheme or address!r}; allowed: sqlite:PATH or postgresql://user@host/name"
        )
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    return {
        "ENGINE": "strigil.accounts.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.get("host", parts.hostname or "")),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        # Whoever does not serve the web sees every clinic, if the role owns the tables: strigil/accounts/walls.py
        "OPTIONS": {"options": f"-c lock_timeout={PATIENCE}s" + ("" if WALLS else " -c strigil.whole=yes")},
    }


DATABASES = {"default": _database(os.environ.get("STRIGIL_DATABASE", f"sqlite:{DATA / 'strigil.sqlite3'}"))}
BACKUP_KEY = os.environ.get("STRIGIL_BACKUP_KEY", "")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "strigil.accounts",
    "strigil.clinic",
    "strigil.registry",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "strigil.accounts.headers.SecurityHeaders",
    "strigil.accounts.headers.Compressed",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "strigil.accounts.size.Size",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "strigil.accounts.sign_in.session.SessionLimits",
    "strigil.clinic.within.WithinClinic",
    "strigil.accounts.gate.PolicyGate",
    "strigil.clinic.views.once.SentOnce",
    "strigil.accounts.answers.ForScripts",
]
ROOT_URLCONF = "strigil.urls"
WSGI_APPLICATION = "strigil.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "strigil.clinic.context.strigil",
                "strigil.keep.health.on_today",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"],
                )
            ],
            "builtins": [
                "strigil.clinic.address_tags",
                "strigil.clinic.tags",
                "strigil.clinic.draft_tags",
                "strigil.clinic.body_tags",
                "strigil.clinic.check_in_tags",
                "strigil.clinic.exercise_tags",
                "strigil.clinic.evidence_tags",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "today"
AUTHENTICATION_BACKENDS = ["strigil.accounts.sign_in.backend.WithClinic"]
PASSWORD_HASHERS = ["strigil.accounts.sign_in.passwords.Argon2id"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "strigil.accounts.sign_in.passwords.Length"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "display_name", "email")},
    },
]
SECOND_FACTOR = not DEMO
MFA_ADAPTER = "strigil.accounts.sign_in.adapter.SecondFactors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_USER_VERIFICATION = "required"
ACCOUNT_EMAIL_VERIFICATION = "none"
SESSION_ENGINE = "strigil.accounts.sign_in.store"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "strigil.clinic.views.pages.not_proven"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _yes("STRIGIL_TLS", os.environ.get("STRIGIL_TLS", ""))
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
if SESSION_COOKIE_SECURE:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31536000
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"


def _mail(address: str) -> dict[str, object]:
    """``smtp://user:password@host:port`` (STARTTLS), ``smtps://…``, ``file:FOLDER`` or ``console``; empty is none."""
    parts = urlsplit(address)
    if address in ("", "console"):
        return {"EMAIL_BACKEND": f"django.core.mail.backends.{address or 'dummy'}.EmailBackend"}
    if parts.scheme == "file":
        return {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend", "EMAIL_FILE_PATH": parts.path}
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise RuntimeError(
            f"STRIGIL_MAIL: given {parts.scheme or address!r}; allowed: smtp://user:password@host:port, smtps://, "
            "file:FOLDER or console"
        )
    at_once = parts.scheme == "smtps"
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if at_once else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": at_once,
        "EMAIL_USE_TLS": not at_once,
    }


def _address(given: str) -> str:
    """``https://strigil.clinic.example``, without a path."""
    parts = urlsplit(given)
    if given and (parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query):
        raise RuntimeError(f"STRIGIL_ADDRESS: given {given!r}; allowed: https://HOST, without a path")
    return given.rstrip("/")


def _mail_address(given: str) -> str:
    """``front-desk@clinic.example``, nothing else on the line."""
    if given and not re.fullmatch(r"[^@\s<>,]+@[^@\s<>,]+", given):
        raise RuntimeError(f"STRIGIL_MAIL_FROM: given {given!r}; allowed: one address such as desk@clinic.example")
    return given


ADDRESS = _address(os.environ.get("STRIGIL_ADDRESS", ""))
MAIL = os.environ.get("STRIGIL_MAIL", "")
MAIL_ADDRESS = _mail_address(os.environ.get("STRIGIL_MAIL_FROM", ""))
globals().update(_mail(MAIL))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = MAIL_ADDRESS or "strigil@localhost"

LANGUAGE_CODE = "en-gb"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# What is sent stays in memory, whose bound strigil.accounts.size holds: no picture lies about in a temporary folder.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024

STATIC_URL = "static/"
STATICFILES_DIRS = [HERE / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "strigil.accounts.output.Plain",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "filters": {"no_links": {"()": "strigil.accounts.logs.NoLinks"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["no_links"]}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # Nothing of a request is mailed to anybody.
    "loggers": {"django": {"handlers": [], "level": "INFO", "propagate": True}},
}
