"""Each zip, unpacked in an empty folder, does what the page and its own README say."""

from __future__ import annotations

import http.server
import json
import multiprocessing
import re
import shutil
import subprocess
import threading
import time
import zipfile
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from verify import downloads
from verify.blocks import Block, Site
from verify.dockerfile import read_dockerfile
from verify.downloads import DOWNLOADS, TEMPLATES, of_template
from verify.record import ROOT
from verify.shell import Terminal, files_lane, temporary_folder
from verify.verdicts.session import commands_of, follow
from verify.yaml_files import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGE = Site(ROOT / "docs", ROOT).page(ROOT / "docs" / "start" / "templates.md")
MINIMAL = [template for template in TEMPLATES if template.endswith("-minimal")]
SHOPS = [template for template in TEMPLATES if template.endswith("-shop")]
SECONDS = 300
# By a pattern for its command: what a web server has printed when it is ready.
READY = {
    r"flask .* run": "...\n * Running on http://127.0.0.1:5000",
    r"DJANGO_DEBUG=1 python manage\.py runserver": (
        "...\nStarting development server at http://127.0.0.1:8000/"
    ),
    r"uvicorn .*": "...\nINFO:     Uvicorn running on http://127.0.0.1:8000 (Press CTRL+C to quit)",
}
BEAT_IS_READY = "...\n[2026-11-22 06:14:20,310: INFO/MainProcess] beat: Starting..."
ENDED = {"SUCCESS", "FAILURE"}


def begins_with(template: str) -> int:
    """Return the number of the block with which the page begins to speak of a template."""
    return next(b.number for b in PAGE.blocks if f" -e {template}.zip ." in b.text)


def as_alone(block: Block) -> Block:
    """Return a block without the mark that ends what ran for the tab before."""
    return replace(block, marks={key: text for key, text in block.marks.items() if key != "stop"})


def follow_page(template: str) -> dict[int, str]:
    """Follow the page's tab of a minimal project; return what went wrong, by block."""
    first = begins_with(template)
    last = next(b.number for b in PAGE.blocks if b.number > first and b.text == "$ cd ..")
    blocks = [as_alone(block) for block in PAGE.blocks[first - 1 : last]]
    assert [block.marks["background"] for block in blocks if "background" in block.marks] == [
        "web",
        "worker",
        "beat",
    ]
    marks = {"sandbox": "empty", "download": f"{template}.zip"}
    return follow(replace(PAGE, blocks=blocks, marks=marks), ROOT, set(), {})


def follow_readme(template: str) -> tuple[str, str]:
    """Unpack a shop as the page says, then follow its README; return the report's state and error.

    Its test suite must pass in the first way that the README names; the project's own checks run all.
    """
    with temporary_folder() as place, Terminal(place, None) as terminal:
        DOWNLOADS[f"{template}.zip"](terminal.folder / f"{template}.zip", "")
        for command in PAGE.blocks[begins_with(template) - 1].text.split("\n"):
            run(terminal, command)
        lane = files_lane(place / "lane", django=template.startswith("django"))
        terminal.env |= lane
        workers, tested = [], False
        for command in commands_of_readme(terminal.cwd):
            shown = [text for pattern, text in READY.items() if re.fullmatch(pattern, command)]
            if shown:
                terminal.start("web", command).expect(shown[0], terminal.stand)
                client = Client(terminal, "5000" if command.startswith("flask") else "8000")
            elif command.startswith("celery"):
                workers.append(command)
            elif not re.match(r"pytest|python manage.py test", command):
                run(terminal, command)
            elif not tested:
                run(terminal, command)
                tested = True
        assert tested
        # Before the worker: kombu's folder has a race when a message is written under a reader's eyes.
        body = ("-H", "Content-Type: application/json", "-d", '{"year": 2026}')
        task_id = client.ask(*body, path="/reports")["id"]
        worker, beat = workers
        terminal.start("worker", worker)
        deadline = time.monotonic() + SECONDS
        while (answer := client.ask(path=f"/tasks/{task_id}"))["state"] not in ENDED:
            assert time.monotonic() < deadline, terminal.background["worker"].text()
            time.sleep(0.1)
        terminal.start("beat", beat).expect(BEAT_IS_READY, terminal.stand)
        return answer["state"], answer["error"]


def commands_of_readme(folder: Path) -> list[str]:
    """Return the commands of the README in a folder, in order."""
    readme = Site(folder, folder).page(folder / "README.md")
    blocks = [block for block in readme.blocks if block.language == "console"]
    return [command for block in blocks for command, _ in commands_of(block)]


def run(terminal: Terminal, command: str) -> str:
    """Run a command that must succeed, and return what it printed."""
    code, output = terminal.run(command)
    assert code == 0, f"{command}: exit code {code}\n{output[-3000:]}"
    return output


class Client:
    """Asks the web server of a terminal, as the page does."""

    def __init__(self, terminal: Terminal, port: str) -> None:
        """Remember the terminal, and the port that its README names."""
        self.terminal, self.port = terminal, port

    def ask(self, *options: str, path: str) -> dict[str, str]:
        """Send a request, and return the answer's JSON."""
        words = ["curl", "-s", "-S", *options, f"http://127.0.0.1:{self.port}{path}"]
        return json.loads(run(self.terminal, " ".join(f"'{word}'" for word in words)))


@pytest.fixture(scope="module")
def followed() -> Iterator[dict[str, Future[object]]]:
    """Follow page and READMEs for all templates at once, each in a process that has the imports already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["verify.preloaded"])
    with ProcessPoolExecutor(3, mp_context=context, max_tasks_per_child=1) as pool:
        yield {
            template: pool.submit(follow_page if template in MINIMAL else follow_readme, template)
            for template in (*SHOPS, *MINIMAL)
        }


@pytest.mark.parametrize("template", MINIMAL)
def test_a_minimal_project_does_what_the_page_says(
    template: str, followed: dict[str, Future[object]]
) -> None:
    assert followed[template].result(SECONDS) == {}


@pytest.mark.parametrize("template", SHOPS)
def test_a_shop_does_what_its_readme_says(
    template: str, followed: dict[str, Future[object]]
) -> None:
    assert followed[template].result(SECONDS) == ("FAILURE", "no orders in 2026")


@pytest.mark.parametrize("template", TEMPLATES)
def test_two_builds_are_the_same(template: str, tmp_path: Path) -> None:
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    DOWNLOADS[f"{template}.zip"](first, "")
    DOWNLOADS[f"{template}.zip"](second, "https://docs.example.org/")
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        assert {name.partition("/")[0] for name in archive.namelist()} == {template}


@pytest.mark.parametrize("template", TEMPLATES)
def test_only_what_git_knows(template: str) -> None:
    folder = ROOT / TEMPLATES[template]
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    known = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if known.returncode:
        pytest.skip("no repository")
    assert set(of_template(folder)) == set(known.stdout.split())


@pytest.mark.parametrize("template", TEMPLATES)
def test_no_secret_and_nothing_of_a_run(template: str) -> None:
    for name, content in of_template(ROOT / TEMPLATES[template]).items():
        assert not re.search(r"(^|/)\.env$|\.(db|pyc|sqlite3)$|__pycache__|/instance/", name)
        assert not re.search(rb"://[^/\s:'\"]+:[^/\s@'\"]+@", content), name
        if name.endswith(".env.example"):
            secrets = re.findall(rb"^\w*(?:SECRET|PASSWORD)\w*=(.*)$", content, re.MULTILINE)
            assert set(secrets) <= {b""}, name


def test_what_a_run_leaves_is_left_out(tmp_path: Path) -> None:
    wanted = {"pyproject.toml", ".env.example", "shop/static/shop.js"}
    left = {".env", "shop.db", "shop/__pycache__/tasks.pyc", "instance/shop.db", ".venv/x/y.py"}
    left |= {
        "static/shop.js",
        "celerybeat-schedule",
        "db.sqlite3-wal",
        ".git/config",
        "media/a.png",
    }
    for name in wanted | left:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert set(of_template(tmp_path)) == wanted


def test_a_folder_that_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TEMPLATES, "flask-shop", "examples/nowhere")
    with pytest.raises(FileNotFoundError, match=r"no project .*examples/nowhere"):
        downloads.write_template("flask-shop", tmp_path / "flask-shop.zip", "")


@pytest.mark.parametrize("template", MINIMAL)
def test_the_versions_are_those_of_this_run(template: str) -> None:
    known = {line.replace(" ", "") for line in (ROOT / "constraints.txt").read_text().split("\n")}
    lines = (ROOT / TEMPLATES[template] / "requirements.txt").read_text().split("\n")[1:]
    for line in filter(None, lines):
        wanted = line.lower().replace("_", "-").replace("python-version", "python_full_version")
        assert wanted.replace(" ", "").replace('"', "'") in known, f"{line}: see constraints.txt"


@pytest.mark.parametrize("template", MINIMAL)
def test_docker_reads_what_is_in_it(template: str, tmp_path: Path) -> None:
    DOWNLOADS[f"{template}.zip"](tmp_path / "template.zip", "")
    zipfile.ZipFile(tmp_path / "template.zip").extractall(tmp_path)
    folder = tmp_path / template
    read_dockerfile((folder / "Dockerfile").read_text(encoding="utf-8"), folder)
    read_yaml((folder / "compose.yaml").read_text(encoding="utf-8"), folder / "compose.yaml")


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_one_command_fetches_and_unpacks(tmp_path: Path) -> None:
    served, reader = tmp_path / "served", tmp_path / "reader"
    served.mkdir()
    reader.mkdir()
    DOWNLOADS["flask-minimal.zip"](served / "flask-minimal.zip", "")
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(served))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        block = next(block for block in PAGE.blocks if "curl -fsSLO" in block.text)
        script, replaced = re.subn(r"https://[^/]+/", address, block.text, count=1)
        assert replaced == 1
        subprocess.run(["/bin/sh", "-ec", script], cwd=reader, check=True)
        server.shutdown()
    assert (reader / "flask-minimal" / "README.md").is_file()


def test_the_page_names_every_zip() -> None:
    text = PAGE.path.read_text(encoding="utf-8")
    assert set(re.findall(r"\{offer\}`([^`]+)`", text)) == {f"{name}.zip" for name in TEMPLATES}
