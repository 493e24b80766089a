"""Sending one request three times at the same moment and once more, and what of the database differs afterwards."""

import traceback
from collections import Counter
from dataclasses import dataclass

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, models
from django.test import Client

from staff.models import AuditEvent
from tests.jobs.conftest import processes
from tests.rhi.test_matrix import READS
from tests.state import tables

TIMES = 3
PLAIN = (models.CharField, models.TextField, models.IntegerField, models.BooleanField, models.DateField)


@dataclass(frozen=True)
class Said:
    """An answer, as far as it matters; `fault` is the traceback of a fault of ours."""

    status: int
    to: str
    words: str
    fault: str = ""


def ask(sent, session):
    """Send it and hear the answer."""
    browser = Client(raise_request_exception=False, headers=sent.headers)
    browser.cookies["sessionid"] = session
    if isinstance(sent.data, str):
        answer = browser.post(sent.address, sent.data, content_type="application/json")
    else:
        answer = browser.post(sent.address, {name: _sendable(value) for name, value in sent.data.items()})
    fault = "".join(traceback.format_exception(*answer.exc_info)) if getattr(answer, "exc_info", None) else ""
    page = answer.content if answer.get("Content-Type", "").startswith(("text/html", "application/json")) else b"file"
    return Said(answer.status_code, answer.get("Location", ""), page.decode(), fault)


def _sendable(value):
    """A value as the browser sends it: bytes are a file."""
    value = value[0] if isinstance(value, list) and len(value) == 1 else value
    return SimpleUploadedFile("paper", value) if isinstance(value, bytes) else value


class AtOnce:
    """Processes that each send what they are given, at the same moment; on SQLite one after the other, here."""

    def __init__(self, elsewhere):
        self.parallel = connection.vendor == "postgresql"
        self.gate, self.answers = processes.Barrier(TIMES), processes.Queue()
        self.letterboxes = [processes.Queue() for _ in range(TIMES)] if self.parallel else []
        self.started = [elsewhere.start(self.wait_and_send, box) for box in self.letterboxes]

    def wait_and_send(self, letterbox):
        connection.ensure_connection()
        while job := letterbox.get():
            self.gate.wait(60)
            try:
                self.answers.put(ask(*job))
            except Exception:  # noqa: BLE001 handed back, to be told in the test's own process
                self.answers.put(Said(0, "", "", traceback.format_exc()))

    def send(self, sent, session):
        """What each of them is answered."""
        if not self.parallel:
            return [ask(sent, session) for _ in range(TIMES)]
        for box in self.letterboxes:
            box.put((sent, session))
        return [self.answers.get(timeout=60) for _ in range(TIMES)]

    def end(self):
        for box in self.letterboxes:
            box.put(None)
        for process in self.started:
            process.join(30)


def everything(outbox):
    """Every row of ours by its key, and every email that has left."""
    found = {
        model._meta.label: {row[model._meta.pk.attname]: row for row in model._base_manager.values()}
        for model in tables()
    }
    return found | {"emails": emails(outbox)}


def emails(outbox):
    """Every email that has left."""
    return {file.name: {} for file in outbox.iterdir()}


def effect(before, after):
    """What differs, as it would for anybody who did the same once: which rows came, went or changed.

    Lines of reading do not count. Times, keys and what is drawn by chance are noted as having changed, not with their
    values.
    """
    found = Counter()
    for label in after:
        for key in after[label].keys() - before[label].keys():
            found[_new(label, after[label][key])] += 1
        for key in before[label].keys() - after[label].keys():
            found[f"{label} {key} is gone"] += 1
        for key in before[label].keys() & after[label].keys():
            for name, value in after[label][key].items():
                if value != before[label][key][name]:
                    found[f"{label} {key}: {name} is now {_shown(label, name, value)}"] += 1
    return Counter({what: times for what, times in found.items() if what})


def _new(label, row):
    if label != AuditEvent._meta.label:
        return f"new {label}"
    return "" if row["type"] in READS else f"line {row['type']}"


def _shown(label, name, value):
    fields = {field.attname: field for model in tables() if model._meta.label == label for field in model._meta.fields}
    field = fields[name]
    plain = isinstance(field, PLAIN) and not isinstance(field, models.DateTimeField) and not field.is_relation
    return repr(value) if plain and name != "password" else "other"
