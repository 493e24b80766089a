"""What holds for every model, whoever adds it."""

import pytest
from django.apps import apps
from django.db import models

from episodes.models import Child

LAYERS = ["staff", "procedures", "jobs", "episodes", "routing", "rhi", "reporting"]  # low to high
CASE_PACKAGES = ["episodes", "routing", "rhi"]

# Tables of the case packages that are about no one child, each with the reason.
ABOUT_NO_ONE_CHILD = {
    "episodes.Authority": "a council, from the national list",
    "episodes.Child": "is the child",
    "rhi.Email": "says to a member of staff how many things wait, and nothing of any child",
    "rhi.Noted": "what the reminders have dealt with, by keys; the notices themselves carry their child",
    "rhi.Preferences": "how a member of staff wants to be told",
}


def models_of(packages):
    return [model for package in packages for model in apps.get_app_config(package).get_models()]


def test_the_packages_are_installed_from_low_to_high():
    installed = [config.label for config in apps.get_app_configs() if config.label in LAYERS]

    assert installed == LAYERS


@pytest.mark.parametrize("model", models_of(LAYERS), ids=lambda model: model._meta.label)
def test_foreign_keys_point_down(model):
    upward = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.related_model._meta.app_label in LAYERS
        if LAYERS.index(field.related_model._meta.app_label) > LAYERS.index(model._meta.app_label)
    ]

    assert upward == []


@pytest.mark.parametrize(
    "model",
    [model for model in models_of(CASE_PACKAGES) if model._meta.label not in ABOUT_NO_ONE_CHILD],
    ids=lambda model: model._meta.label,
)
def test_every_case_table_carries_its_child(model):
    """So that scoping, audit, merging, subject access and retention are one walk."""
    field = next((field for field in model._meta.get_fields() if field.name == "child"), None)

    assert isinstance(field, models.ForeignKey), f"{model._meta.label} has no foreign key named child."
    assert field.related_model is Child
    assert not field.null


def test_the_exceptions_are_tables_that_exist():
    assert set(ABOUT_NO_ONE_CHILD) <= {model._meta.label for model in models_of(CASE_PACKAGES)}


@pytest.mark.parametrize("model", models_of(LAYERS), ids=lambda model: model._meta.label)
def test_no_field_reads_the_clock_by_itself(model):
    automatic = [
        field.name
        for field in model._meta.get_fields()
        if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    ]

    assert automatic == []
