"""Runs of the import, as a command or undone at the end."""

from contextlib import contextmanager

from django.core.management import call_command
from django.db import transaction


@contextmanager
def undone():
    """What is written within is undone at the end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def run(*arguments, **options):
    call_command("import_records", *map(str, arguments), **options)
