"""The only settings file. The environment is read here, once, at the top; a missing secret stops the start.

Environment
-----------
DATABASE_URL   postgres://user:password@host:port/name, or postgres://user@/name?host=/socket/dir
REDIS_URL      redis://..., rediss://... or unix:///path.sock?db=0 (Valkey or Redis)
SECRET_KEY     at least 50 characters
BUREAU_VAR     where files, logs and embedded servers keep their data (default: var/ in the checkout)
BUREAU_DEMO    1 on a workstation: no HTTPS redirect, host names of this machine only
PARTNER_MASTER_SECRET  at least 50 characters, from which the secrets of the partners' keys are derived (default: SECRET_KEY)
VOUCHER_SECRET  at least 50 characters, signs what vouchers say (default: SECRET_KEY); VOUCHER_SECRET_FALLBACKS: earlier ones
PUBLIC_URL     address under which the public reaches us, in the QR code of vouchers (default: that of the clerk's request)
TRUSTED_PROXIES  addresses of the servers in front, whose X-Forwarded-For is believed (default: none)
ALLOWED_HOSTS  comma separated, required unless BUREAU_DEMO=1
STATIC_ROOT    where collectstatic gathers files for a server in front (default: the apps' own folders are served)
"""

import os
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import environ
import pgtrigger
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from bureau.embedded import broker_url

# Initials need the readings of characters alone; the phrases would cost every process half a second and 40 MB.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DEMO = env.bool("BUREAU_DEMO", default=False)
VAR_DIR = Path(env.str("BUREAU_VAR", default=str(BASE_DIR / "var"))).resolve()
SECRET_KEY = env.str("SECRET_KEY", default="")
if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("SECRET_KEY must be set, with at least 50 characters.")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# Partners' secrets are derived from this one; without it, from SECRET_KEY, whose change then changes them all.
PARTNER_MASTER_SECRET = env.str("PARTNER_MASTER_SECRET", default="") or f"partners:{SECRET_KEY}"
if len(PARTNER_MASTER_SECRET) < 50:
    raise ImproperlyConfigured("PARTNER_MASTER_SECRET must have at least 50 characters.")
# Vouchers stay on paper for years: whoever changes the secret keeps the earlier one among the fallbacks.
VOUCHER_SECRETS = [
    env.str("VOUCHER_SECRET", default="") or f"vouchers:{SECRET_KEY}",
    *env.list("VOUCHER_SECRET_FALLBACKS", default=[]),
]
if len(VOUCHER_SECRETS[0]) < 50:
    raise ImproperlyConfigured("VOUCHER_SECRET must have at least 50 characters.")
PUBLIC_URL = env.str("PUBLIC_URL", default="")
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])
DATABASE_URL = env.str("DATABASE_URL", default="")
REDIS_URL = env.str("REDIS_URL", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"] if DEMO else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
RIVER_LEASE_SECONDS = env.int("RIVER_LEASE_SECONDS", default=30)
RIVER_CHUNK_LINES = env.int("RIVER_CHUNK_LINES", default=200_000)
FAULT_POINT = env.str("FAULT_POINT", default="")
TESTING = env.bool("BUREAU_TESTING", default=False)
CELERY_QUEUE_PREFIX = env.str("CELERY_QUEUE_PREFIX", default="")
DEBUG = False


def database(url: str) -> dict[str, object]:
    """Django's DATABASES entry for a postgres:// URL; the host may be a socket directory given as ?host=."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(
            "DATABASE_URL must be a postgres:// URL; this product needs PostgreSQL 15 or newer."
        )
    query = parse_qs(parts.query)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", [parts.hostname or ""])[0],
        "PORT": query.get("port", [str(parts.port or "")])[0],
        "CONN_MAX_AGE": 0,
        "ATOMIC_REQUESTS": False,
        # Compiling plans costs more than it saves here: statements are few and planned with bounded keys.
        "OPTIONS": {"application_name": os.environ.get("BUREAU_PROCESS", "bureau"), "options": "-c jit=off"},
    }


DATABASES: dict[str, dict[str, object]]
if not DATABASE_URL:
    # Commands that never touch the database may run without one; the first query says what is missing.
    DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "", "HOST": "/nonexistent"}}
else:
    DATABASES = {"default": database(DATABASE_URL)}

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # unfold, without putting its own site in place of ours
    "unfold.contrib.filters",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "pgtrigger",
    "pghistory",
    "axes",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "import_export",
    "bureau",
    "enrollment",
    "payments",
    "refunds",
    "bureau.apps.BureauAdminConfig",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "bureau.middleware.RefuseUnreadableInput",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "bureau.language.ChosenLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "bureau.middleware.LogInFirst",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "bureau.middleware.NoStore",
    "bureau.middleware.HistoryActor",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "bureau.urls"
WSGI_APPLICATION = "bureau.wsgi.application"
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
            ],
        },
    },
]

AUTH_USER_MODEL = "bureau.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
AXES_VERBOSE = False
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "bureau.desk.errorpages.locked_out"
AXES_ENABLE_ADMIN = False  # its pages show every region's failed log-ins and can delete them
LOGIN_URL = reverse_lazy("admin:login")
LOGIN_REDIRECT_URL = reverse_lazy("admin:index")

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "bureau.formats"
LANGUAGE_COOKIE_SECURE = not DEMO
LANGUAGE_COOKIE_SAMESITE = "Strict"
LANGUAGE_COOKIE_HTTPONLY = True
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STATIC_URL = "/static/"
STATIC_ROOT = env.str("STATIC_ROOT", default="") or None
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = VAR_DIR / "media"
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 5

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 1800
SESSION_SAVE_EVERY_REQUEST = True
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_SECURE = not DEMO
SESSION_COOKIE_NAME = "sid" if DEMO else "__Host-sid"
CSRF_COOKIE_SECURE = not DEMO
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_USE_SESSIONS = True
CSRF_FAILURE_VIEW = "bureau.desk.errorpages.csrf_failed"
SECURE_SSL_REDIRECT = not DEMO
SECURE_HSTS_SECONDS = 0 if DEMO else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = not DEMO
SECURE_HSTS_PRELOAD = not DEMO
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# unfold's Alpine components evaluate expressions: the admin needs 'unsafe-eval'; nothing else is loosened.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'", "'unsafe-eval'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
    }
}

PGHISTORY_LEVEL = pgtrigger.Statement
PGHISTORY_APPEND_ONLY = True

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["bureau.api.admission.SignedCall"],
    "DEFAULT_PERMISSION_CLASSES": ["bureau.api.admission.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "bureau.api.admission.AlwaysJson",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "bureau.api.schema.PartnerSchema",
    "EXCEPTION_HANDLER": "bureau.api.problems.handler",
    "UNAUTHENTICATED_USER": None,
    "UPLOADED_FILES_USE_URL": False,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Resident basic medical insurance: partners' interface",
    "DESCRIPTION": "Calls are signed (docs/partners.md); errors are problems of RFC 9457 with a stable code.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "OAS_VERSION": "3.1.0",
}

CELERY_BROKER_URL = broker_url(REDIS_URL) if REDIS_URL else ""
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 3300
CELERY_TASK_SOFT_TIME_LIMIT = 3240
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
    "global_keyprefix": CELERY_QUEUE_PREFIX,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.2,
    "interval_max": 0.5,
}
CELERY_VISIBILITY_TIMEOUT = 3600
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULER = "celery.beat:PersistentScheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "run" / "beat-schedule")

UNFOLD = {
    "SITE_TITLE": _("Resident medical insurance back office"),
    "SITE_HEADER": _("Resident medical insurance"),
    "SITE_SUBHEADER": _("Back office"),
    "SITE_SYMBOL": "health_and_safety",
    "SITE_URL": None,
    "SHOW_LANGUAGES": False,  # our own switch stands in the header, where it can be seen
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "bureau.desk.home.dashboard",
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": "bureau.desk.navigation.sidebar",
    },
    "STYLES": ["bureau.desk.navigation.stylesheet"],
    "SCRIPTS": ["bureau.desk.navigation.script"],
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "bureau.desk.navigation.icon"}],
    "BORDER_RADIUS": "6px",
    "COLORS": {
        "primary": {
            "50": "oklch(97% .014 254.604)",
            "100": "oklch(93.2% .032 255.585)",
            "200": "oklch(88.2% .059 254.128)",
            "300": "oklch(80.9% .105 251.813)",
            "400": "oklch(70.7% .165 254.624)",
            "500": "oklch(62.3% .214 259.815)",
            "600": "oklch(54.6% .245 262.881)",
            "700": "oklch(48.8% .243 264.376)",
            "800": "oklch(42.4% .199 265.638)",
            "900": "oklch(37.9% .146 265.522)",
            "950": "oklch(28.2% .091 267.935)",
        },
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "bureau.logs.MaskedLines", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    # They tell each character of each name they print.
    "loggers": {"fontTools": {"level": "ERROR"}, "fpdf": {"level": "ERROR"}},
}
