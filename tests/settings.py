"""The project's settings, and what tests need otherwise. Real settings are tested in processes of their own."""

import os

os.environ.setdefault("RHI_DEMO", "1")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright keeps an event loop in the test's own thread

from rhi.settings import *
from rhi.settings import REDIS_URL, STATIC_ROOT, STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the real ones are slow by design

# Pages are drawn without collecting static files first; `make test` collects them when it starts the site.
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
STATIC_ROOT.mkdir(exist_ok=True)

# A message sent in a test stays in that test's process.
if not REDIS_URL:
    CELERY_BROKER_URL = "memory://"
    CELERY_BROKER_TRANSPORT = "memory"
    CELERY_BROKER_TRANSPORT_OPTIONS = {}
