from uuid import uuid4

import pytest
from kombu import Connection


@pytest.fixture
def queue(tmp_path):
    folder = str(tmp_path)
    options = {"data_folder_in": folder, "data_folder_out": folder, "control_folder": folder, "polling_interval": 0.01}
    with Connection(transport="rhi.broker:Transport", transport_options=options) as connection:
        yield connection.SimpleQueue(uuid4().hex)  # kombu remembers a queue's name for as long as the process lives


def test_messages_come_out_as_they_went_in(queue):
    queue.put({"job": 1})
    queue.put({"job": 2})

    assert [queue.get(timeout=5).payload, queue.get(timeout=5).payload] == [{"job": 1}, {"job": 2}]


def test_a_message_that_is_still_being_written_is_not_looked_at(queue, tmp_path):
    queue.put({"job": 1})
    written = next(tmp_path.glob("*.msg"))
    written.rename(f"{written}.part")

    with pytest.raises(queue.Empty):
        queue.get(timeout=0.2)


def test_a_written_message_leaves_nothing_half_done_behind(queue, tmp_path):
    queue.put({"job": 1})

    assert [path.suffix for path in tmp_path.iterdir() if path.suffix != ".exchange"] == [".msg"]
