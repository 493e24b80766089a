"""Reminders run by themselves here, and nothing else does."""

import pytest


@pytest.fixture(autouse=True)
def only_reminders(settings):
    settings.JOB_MODULES = ["rhi.actions.sending", "rhi.actions.reminding", "rhi.actions.digests"]
