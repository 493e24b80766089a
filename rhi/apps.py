from django.apps import AppConfig
from django.core import checks


class RhiConfig(AppConfig):
    name = "rhi"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from rhi.letters.checking import check_texts  # noqa: PLC0415 before, models cannot be imported

        checks.register(check_texts)
