"""Celery's application: it carries ids of due work and nothing else (README, invariant 6)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rhi.settings")

app = Celery("rhi")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
