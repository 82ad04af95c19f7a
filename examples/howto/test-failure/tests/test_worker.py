"""The helper that starts and kills workers."""

from pathlib import Path

import pytest
from worker import Worker


def test_who_waits_in_vain_reads_the_log(tmp_path: Path) -> None:
    worker = Worker(tmp_path, {})
    worker.log.write_text("what the worker has printed")
    worker.sent.mkdir()
    with pytest.raises(TimeoutError, match="what the worker has printed"):
        worker.wait_until(lambda: False, seconds=0)
