"""Settings: wiring only. Secrets and addresses come from the environment (docs/operations.md)."""

import os
from datetime import timedelta
from pathlib import Path

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from config.map_layers import hosts_of, layers_in
from config.redis import celery_url, next_database

# Before numpy is loaded: with threads of its own it takes twenty times as long for the small matrices
# of Hato, when other processes want the processors those threads wait for.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / "var" / "env")  # written by script/setup; absent in production

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])  # former ones, still read
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SITE_URL = env.str("SITE_URL", default="http://localhost:8000")
RELEASE = env.str("RELEASE", default="")  # a name for what is deployed; the field app shows it

INSTALLED_APPS = [
    "ranchers",
    "practices",
    "monitoring",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.gis",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "pgtrigger",
    "pghistory",
    "leaflet",
    "widget_tweaks",
    "django_htmx",
    "django_filters",
    "rest_framework",
    "rest_framework_gis",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.page",
            ],
        },
    },
]

DATABASES = {"default": env.db_url("DATABASE_URL", engine="django.contrib.gis.db.backends.postgis")}
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if "host" in DATABASES["default"].get("OPTIONS", {}):  # ...?host=/folder: a unix socket
    DATABASES["default"]["HOST"] = DATABASES["default"]["OPTIONS"].pop("host")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL")  # the broker's; the cache takes the database after it
CELERY_BROKER_URL = celery_url(REDIS_URL)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": env.str("CACHE_URL", default=next_database(REDIS_URL)),
        "KEY_PREFIX": "hato",
    }
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "America/Lima"
CELERY_BEAT_SCHEDULE = {
    "recompute what is marked, should a message have been lost": {
        "task": "monitoring.tasks.recompute_dirty",
        "schedule": 5,
        "options": {"expires": 5},
    },
    "recompute everything beside and report differences": {
        "task": "monitoring.tasks.full_recompute",
        "schedule": crontab(hour=2, minute=30),
    },
    "compare users of practices with others where facts changed": {
        "task": "monitoring.tasks.compare_users",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "compare users of practices with others in every quarter": {
        "task": "monitoring.tasks.compare_all_users",
        "schedule": crontab(hour=4, minute=20),
    },
    "draw the plots whose boundary, owner or consent changed": {
        "task": "monitoring.tasks.draw_plots",
        "schedule": 5,
        "options": {"expires": 5},
    },
    "draw every plot anew": {
        "task": "monitoring.tasks.draw_all_plots",
        "schedule": crontab(hour=3, minute=40),
    },
    "measure tree cover that is marked, should a message have been lost": {
        "task": "monitoring.tasks.compute_cover",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "find boundaries whose tree cover was never measured": {
        "task": "monitoring.tasks.mark_missing_cover",
        "schedule": crontab(hour=1, minute=30),
    },
    "delete files for the European Union whose time is over": {
        "task": "monitoring.tasks.delete_expired_eudr_files",
        "schedule": crontab(minute=20),
    },
    "understand payloads a crash left waiting": {
        "task": "monitoring.tasks.process_pending_inbox",
        "schedule": 60,
    },
}

SILENCED_SYSTEM_CHECKS = [
    "gis.W001"
]  # Debian 12 has GDAL 3.6; uploads are read through ranchers/imports

AUTH_USER_MODEL = "ranchers.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "ranchers.cards.CardBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
SESSION_COOKIE_AGE = 12 * 3600  # longer for technicians and ranchers: ranchers/accounts.py
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600

# A full recompute is shared out among so many connections to PostgreSQL (as many as it has processors to
# spare), from so many ranchers on.
RECOMPUTE_CONNECTIONS = env.int("RECOMPUTE_CONNECTIONS", default=2)
RECOMPUTE_SHARED_FROM = env.int("RECOMPUTE_SHARED_FROM", default=5_000)

# Proxies in front that append to X-Forwarded-For; with 0 the header is not believed.
PROXY_COUNT = env.int("PROXY_COUNT", default=0)

ACCOUNT_ADAPTER = "ranchers.adapters.AccountAdapter"
ACCOUNT_FORMS = {"login": "ranchers.forms.accounts.LoginForm"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]  # sign-up itself is closed
ACCOUNT_EMAIL_VERIFICATION = "none"  # the coordinator vouches for the address
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_RATE_LIMITS = {"login_failed": "30/m/ip,10/300s/key"}  # guesses spread over many addresses
ALLAUTH_TRUSTED_PROXY_COUNT = PROXY_COUNT
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Hato"
MFA_FORMS = {
    "login_webauthn": "ranchers.forms.second_step.PasskeyLoginForm",
    "authenticate_webauthn": "ranchers.forms.second_step.PasskeySecondStepForm",
    "reauthenticate_webauthn": "ranchers.forms.second_step.PasskeyAgainForm",
    "add_webauthn": "ranchers.forms.second_step.PasskeyForm",
    "edit_webauthn": "ranchers.forms.second_step.PasskeyNameForm",
}
MFA_TOTP_TOLERANCE = 1  # phones without signal drift
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG

# Written by ranchers/lockout.py: by e-mail address or card, and IP address.
AXES_USERNAME_CALLABLE = "ranchers.lockout.attempted_name"
AXES_LOCKOUT_CALLABLE = "ranchers.lockout.locked_out"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "login", "token", "pin"]
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_IPWARE_PROXY_COUNT = PROXY_COUNT or None
AXES_IPWARE_META_PRECEDENCE_ORDER = ["HTTP_X_FORWARDED_FOR"] if PROXY_COUNT else ["REMOTE_ADDR"]

# Without a mail server the coordinator hands over links by other ways: docs/access.md.
MAIL_WORKS = bool(env.str("EMAIL_URL", default=""))
vars().update(env.email_url("EMAIL_URL", default="dummymail://"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="hato@localhost")

LANGUAGE_CODE = "es"
LANGUAGES = [("es", _("Spanish")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale", *sorted((BASE_DIR / "locale" / "parts").glob("*"))]
TIME_ZONE = "America/Lima"
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
_NODE = BASE_DIR / "node_modules"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("vendor/geoman", _NODE / "@geoman-io" / "leaflet-geoman-free" / "dist"),
    ("vendor/pbf", _NODE / "pbf"),
    ("vendor/idb", _NODE / "idb" / "build"),
    *(
        ("vendor/workbox", _NODE / f"workbox-{part}" / "build")
        for part in ("sw", "core", "precaching", "routing", "strategies")
    ),
]
_PACKED = "map jpg jpeg png gif webp zip gz br woff woff2 pdf"
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = _PACKED.split()
MEDIA_ROOT = env.path("MEDIA_ROOT", default=BASE_DIR / "var" / "media")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if not DEBUG
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# On wherever a proxy with TLS stands in front; script/setup turns it off for a checkout on one machine.
HTTPS = env.bool("HTTPS", default=not DEBUG)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^salud/$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Rasters of tree cover: pages take files below this folder only; hosts besides the public ones that
# may be asked for rasters (an institute's own server).
COVER_ROOT = Path(env.str("COVER_ROOT", default=str(BASE_DIR / "var" / "cover")))
COVER_TRUSTED_HOSTS = env.list("COVER_TRUSTED_HOSTS", default=[])
# The loops over pixels, once compiled. They are run as they lie there: nobody else may write to it.
COMPILED_ROOT = Path(env.str("COMPILED_ROOT", default=str(BASE_DIR / "var" / "compiled")))

MAP_LAYERS = layers_in(env)  # a base map and overlays, if there are any

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "img-src": [SELF, "data:", "blob:", *hosts_of(MAP_LAYERS)],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "ranchers.api_auth.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "ranchers.api_pages.Pages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
        "rest_framework.throttling.ScopedRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "anon": "60/min",
        "user": "600/min",
        "visits": "300/min",  # a phone back in signal sends a fortnight's visits at once
        "photos": "120/min",
        "field": "1200/min",  # per device; photos come in chunks
    },
    "EXCEPTION_HANDLER": "ranchers.api_problems.problem",
    "NUM_PROXIES": PROXY_COUNT,
    "URL_FORMAT_OVERRIDE": None,
    "DATETIME_FORMAT": "iso-8601",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Hato",
    "DESCRIPTION": "Ranchers, practices, visits and what they add up to. See docs/access.md.",
    "VERSION": "1",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {},
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "ranchers.api_problems.describe_problems",
    ],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"()": "config.logs.PlainFormatter"},
        "json": {"()": "config.logs.JsonFormatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": env.str("LOG_FORMAT", default="plain"),
        },
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "axes": {"level": "WARNING"},
        # beat sweeps every five seconds: what was done says recompute itself
        "celery.beat": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        # what a first start queues while the demo is built is told one by one: the log-ins scroll away
        "celery.worker.request": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
    },
}
