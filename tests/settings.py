"""Settings of the tests: the real ones, with places of their own for each pytest-xdist process.

A worker started by a test reads them too; TEST_DATABASE then names the test's database.
"""

import os

from config.redis import celery_url, next_database, with_database
from config.settings import *  # noqa: F403
from config.settings import BASE_DIR, DATABASES, REDIS_URL, STORAGES, env

PROCESS = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's sync API runs a loop in our thread

if test_database := env.str("TEST_DATABASE", default=""):
    DATABASES["default"]["NAME"] = test_database

REDIS_URL = with_database(env.str("TEST_REDIS_URL", default=REDIS_URL), 2 + 2 * int(PROCESS[2:]))
CELERY_BROKER_URL = celery_url(REDIS_URL)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": next_database(REDIS_URL),
    }
}
MEDIA_ROOT = BASE_DIR / "var" / "test-media" / PROCESS
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
