"""What the tests of jobs need: actions of their own, and workers in processes of their own."""

import multiprocessing
import sqlite3
from contextlib import closing

import pytest
from django.db import connection

from rhi.celery import app

processes = multiprocessing.get_context("fork")


@pytest.fixture(autouse=True)
def chores(settings):
    settings.JOB_MODULES = ["tests.jobs.chores"]


class Elsewhere:
    """Other processes on the test's database, where they meet each other's transactions.

    The test database on SQLite lies in memory, where no other process sees it: there they share a copy in a file,
    taken when they are first needed.
    """

    def __init__(self, file):
        self.file = file if connection.vendor == "sqlite" else None

    def start(self, function, *arguments):
        if self.file and not self.file.exists():
            with closing(sqlite3.connect(self.file)) as copy:
                connection.connection.backup(copy)
                copy.execute("PRAGMA journal_mode=WAL")  # as the site keeps it; two who open it at once could not
        connection.close()  # a connection that two processes share is of use to neither
        process = processes.Process(target=self.begin, args=(function, *arguments), daemon=True)
        process.start()
        return process

    def begin(self, function, *arguments):
        if self.file:
            connection.connection = None
            connection.settings_dict["NAME"] = str(self.file)
        function(*arguments)

    def race(self, function, *, rivals):
        """What the function answers in each of several processes that call it at the same moment."""
        gate, answers = processes.Barrier(rivals), processes.Queue()

        def wait_and_call():
            connection.ensure_connection()
            gate.wait(30)
            answers.put(function())

        started = [self.start(wait_and_call) for _ in range(rivals)]
        answered = [answers.get(timeout=30) for _ in started]
        for process in started:
            process.join()
        return answered

    def call(self, function):
        """What the function answers in another process."""
        return self.race(function, rivals=1)[0]


@pytest.fixture
def elsewhere(transactional_db, tmp_path):
    connection.ensure_connection()
    return Elsewhere(tmp_path / "copy.sqlite3")


@pytest.fixture
def queue():
    """The messages of the real broker, in the order in which a worker would take them."""
    with app.connection_for_read() as connection, connection.SimpleQueue(app.conf.task_default_queue) as queue:
        queue.clear()
        yield queue
        queue.clear()


def deliver(queue, *, times=1):
    """Do with the next message what a worker would, as often as the broker hands it out."""
    message = queue.get(block=False)
    _, arguments, _ = message.payload
    for _ in range(times):
        app.tasks[message.headers["task"]](**arguments)
    message.ack()
