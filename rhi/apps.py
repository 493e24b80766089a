from django.apps import AppConfig


class RhiConfig(AppConfig):
    name = "rhi"
    default_auto_field = "django.db.models.BigAutoField"
