"""A mail server on loopback that keeps what it is given, and drops, dawdles and refuses as it is told to."""

import asyncio
from contextlib import contextmanager
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller

from checks.servers import free_port


class Sink:
    """What the server has been told and has taken."""

    def __init__(self):
        self.taken = []
        #: What the next messages meet, one each: "accept", an answer such as "550 5.1.1 Unknown" to the recipient or to
        #: the message, "drop" at either or at the goodbye, or "take and drop" and "take and dawdle".
        self.at_recipient, self.at_message, self.at_goodbye = [], [], []

    async def handle_RCPT(self, server, _session, envelope, address, _options):  # noqa: N802  aiosmtpd's names
        meets = self.at_recipient.pop(0) if self.at_recipient else "accept"
        if meets == "drop":
            server.transport.abort()
            return "421 Dropped"
        if meets != "accept":
            return meets
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, _session, envelope):  # noqa: N802
        meets = self.at_message.pop(0) if self.at_message else "accept"
        if meets.startswith(("4", "5")):
            return meets
        if meets in ("accept", "take and drop", "take and dawdle"):
            self.taken.append(message_from_bytes(envelope.content, policy=policy.default))
        if meets.endswith("dawdle"):
            await asyncio.sleep(1)
        if meets.endswith("drop"):
            server.transport.abort()
        return "250 OK"

    async def handle_QUIT(self, server, _session, _envelope):  # noqa: N802
        if self.at_goodbye and self.at_goodbye.pop(0) == "drop":
            server.transport.abort()
        return "221 Bye"


@contextmanager
def standing(settings):
    """The server, to which the site's emails go while it is needed."""
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=free_port(), ready_timeout=20)
    controller.start()
    settings.EMAIL_BACKEND = "rhi.delivery.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = controller.hostname, controller.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    try:
        yield sink
    finally:
        controller.stop()
