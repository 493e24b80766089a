"""How a file comes in: into memory and never onto the disk; of one that is too large only its size is kept."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from rhi.papers import LIMIT


class InMemory(FileUploadHandler):
    """Reads a file to its end, so that the words typed beside it arrive too and the form can say what is wrong."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file."""
        super().new_file(*args, **kwargs)
        self.kept = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Take a piece of it; of a file that has grown too large nothing is kept."""
        if start + len(raw_data) > LIMIT:
            self.kept = BytesIO()
        else:
            self.kept.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """The file with its true size; empty where that is above the limit."""
        self.kept.seek(0)
        return InMemoryUploadedFile(
            self.kept,
            self.field_name,
            self.file_name or "",
            self.content_type,
            file_size,
            self.charset,
            self.content_type_extra,
        )
