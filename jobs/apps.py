from django.apps import AppConfig
from django.core import checks
from django.core.exceptions import ImproperlyConfigured


class JobsConfig(AppConfig):
    name = "jobs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        checks.register(check_schedule)


def check_schedule(**_: object) -> list[checks.CheckMessage]:
    """Refuse to start with a schedule that no sweep could follow, rather than fail every minute."""
    from jobs import declared  # noqa: PLC0415 while this module loads, models cannot be imported yet

    try:
        declared.schedule()
    except ImproperlyConfigured as refusal:
        return [checks.Error(str(refusal), id="jobs.E001")]
    return []
