"""What the shop sets, seen from a new process without your variables."""

import json
import os
import subprocess
import sys
from pathlib import Path

PROGRAM = "import json, shop; print(json.dumps(shop.app.config['CELERY']))"


def test_the_settings() -> None:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=Path(__file__).parents[1],
        env={"PATH": os.defpath, "FLASK_CELERY__result_expires": "60"},
        capture_output=True,
        check=True,
        text=True,
    )
    assert json.loads(run.stdout) == {
        "broker_url": "redis://127.0.0.1:6379/0",
        "result_backend": "redis://127.0.0.1:6379/1",
        "result_expires": 60,
        "task_ignore_result": True,
        "task_track_started": True,
    }
