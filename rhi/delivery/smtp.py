"""Django's own way to a mail server, which besides knows whether a message has been handed over."""

from __future__ import annotations

import smtplib
from smtplib import SMTP, SMTP_SSL
from typing import TYPE_CHECKING, Any

from django.core.mail.backends.smtp import EmailBackend as DjangosEmailBackend

if TYPE_CHECKING:
    Conversation = SMTP
else:
    Conversation = object


class Noted(Conversation):
    """A conversation that remembers whether the message itself was begun: from there on silence proves nothing."""

    handed_over = False

    def data(self, msg: Any) -> tuple[int, bytes]:
        self.handed_over = True
        return super().data(msg)


class Plain(Noted, SMTP):
    """Without encryption, or encrypted by STARTTLS."""


class Encrypted(Noted, SMTP_SSL):
    """Encrypted from the first byte."""


class EmailBackend(DjangosEmailBackend):
    """As Django's, but for `handed_over` of its connection."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return Encrypted if self.use_ssl else Plain
