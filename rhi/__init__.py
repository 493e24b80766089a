"""The interview and the desk; also the project package, so Celery's application is found here."""

from rhi.celery import app as celery_app

__all__ = ["celery_app"]
