"""What the pages on which things are recorded are sent, and what they say."""

from django.urls import reverse

TAUNTON = "Family Intervention Service: Taunton"
NIGHT = {"kind": "missing", "last_seen_at": "2026-06-01T20:00", "known": "no"}
BACK = {"known": "exact", "returned_exact": "2026-06-02T07:00", "notified_at": "2026-06-02T09:00"}


def errors(response):
    return {name: list(said) for name, said in response.context["form"].errors.items()}


def said(response):
    return [str(message) for message in response.context["messages"]]


def at(name, record):
    return reverse(f"rhi:{name}", args=[record.pk])
