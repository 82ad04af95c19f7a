"""What pip says when it takes beat a Django that beat does not allow. Nothing is fetched, and nothing here changes."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from zipfile import ZipFile

import pytest

CONFLICT = (
    "django-celery-beat 2.9.0 requires Django<6.1,>=2.2, "
    "but you have django 6.1.3 which is incompatible."
)


@pytest.mark.skipif(version("django-celery-beat") != "2.9.0", reason="newer than the page")
def test_pip_installs_it_all_the_same(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    pytest.importorskip("pip")
    if pytestconfig.getoption("--lane") == "worker":
        pytest.skip("once is enough")
    wheel = tmp_path / "django-6.1.3-py3-none-any.whl"
    with ZipFile(wheel, "w") as file:  # an empty Django 6.1.3
        info = "django-6.1.3.dist-info"
        file.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: django\nVersion: 6.1.3\n")
        file.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        file.writestr(f"{info}/RECORD", "")
    pip = [sys.executable, "-m", "pip", "install", "--no-index", "--disable-pip-version-check"]
    elsewhere = ["--ignore-installed", "--prefix", str(tmp_path)]
    run = subprocess.run([*pip, *elsewhere, str(wheel)], capture_output=True, text=True, check=True)
    assert CONFLICT in run.stderr
    assert "Successfully installed django-6.1.3" in run.stdout
