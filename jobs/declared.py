"""What may run by itself: the actions of the modules in settings.JOB_MODULES, and the schedules they declare."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib import import_module

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from jobs.schedule import Recurring


class UnknownActionError(LookupError):
    """A job names something that may not run by itself."""


def action(name: str) -> Callable[..., object]:
    """The action of that dotted name. Raises UnknownActionError.

    Only a public function that a declared module defines itself: what it imports cannot be run by a row's name.
    """
    module_name, _, function_name = name.rpartition(".")
    if module_name in settings.JOB_MODULES and not function_name.startswith("_"):
        found = getattr(import_module(module_name), function_name, None)
        if inspect.isfunction(found) and found.__module__ == module_name:
            return found
    raise UnknownActionError(f"{name} is not an action of a module in JOB_MODULES ({', '.join(settings.JOB_MODULES)}).")


def prepared_by(prepare: Callable[..., object]) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Have `prepare(**arguments, now=…)` called before the action, and its answer handed to it as `prepared`.

    It runs outside the transaction in which the action stores what was made: what takes long (drawing a document) may
    not hold up everybody who writes meanwhile. It may be called more than once for one job, so it changes nothing.
    """

    def declare(action: Callable[..., object]) -> Callable[..., object]:
        action.prepare = prepare  # type: ignore[attr-defined]  # read by preparation
        return action

    return declare


def preparation(action: Callable[..., object]) -> Callable[..., object] | None:
    """What is to be called before an action, if anything is."""
    return getattr(action, "prepare", None)


def handed_over_by(hand_over: Callable[..., object]) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Have `hand_over(**arguments, job=…, now=…)` called before the action, and its answer handed to it as `handed`.

    It speaks to the outside, so it runs outside every transaction and, unlike a preparation, commits: by
    jobs.handover.once, which sees to it that a second call for one job hands nothing over again. What it answers is
    what the action stores, in the transaction in which the job ends.
    """

    def declare(action: Callable[..., object]) -> Callable[..., object]:
        action.hand_over = hand_over  # type: ignore[attr-defined]  # read by handing_over
        return action

    return declare


def handing_over(action: Callable[..., object]) -> Callable[..., object] | None:
    """What hands something over before an action, if anything does."""
    return getattr(action, "hand_over", None)


def schedule() -> list[Recurring]:
    """Everything that recurs. Raises ImproperlyConfigured when an action recurs twice or may not run by itself."""
    by_name: dict[str, Recurring] = {}
    for module in settings.JOB_MODULES:
        for recurring in getattr(import_module(module), "SCHEDULE", ()):
            try:
                action(recurring.name)
            except UnknownActionError as refusal:
                raise ImproperlyConfigured(str(refusal)) from refusal
            if by_name.setdefault(recurring.name, recurring) is not recurring:
                raise ImproperlyConfigured(f"{recurring.name} is scheduled twice; its periods would be mixed up.")
    return list(by_name.values())
