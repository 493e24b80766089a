"""The embedded broker: messages as files, for an installation without Redis."""

import os
import time
import uuid
from pathlib import Path
from typing import Any

from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """kombu's file channel, whose messages appear whole.

    kombu writes a message where the worker already looks for it. A worker that looked between the creation and the
    writing read nothing, and ended: seen with an empty file, as a power cut leaves it. Here the message is written
    aside and then renamed, which is one step for whoever looks. Its name starts with the wall clock, not with the
    machine's uptime, so that the order outlives a restart.
    """

    def _put(self, queue: str, payload: Any, **_: object) -> None:  # type: ignore[override]  # as kombu's own
        name = f"{time.time_ns()}_{uuid.uuid4()}.{queue}.msg"
        aside = Path(self.data_folder_out, f"{name}.part")
        with aside.open("w", encoding="utf-8") as file:
            file.write(dumps(payload))
            file.flush()
            os.fsync(file.fileno())
        aside.rename(aside.with_suffix(""))


class Transport(filesystem.Transport):
    Channel = Channel
