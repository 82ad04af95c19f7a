"""The stand-in for the shop: what the commands of the manifests find, and who they are."""

import grp
import os

import pytest
from celery.exceptions import SecurityWarning
from celery.platforms import check_privileges
from shop import create_app


def test_the_page_and_the_tables() -> None:
    app = create_app()
    assert app.test_client().get("/").text == "The shop"
    assert app.test_cli_runner().invoke(args=["init-db"]).output == "The tables are there.\n"


def test_a_worker_of_root_is_warned(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("getgid", "getegid"):
        monkeypatch.setattr(os, name, lambda: grp.getgrnam("daemon").gr_gid)
    for name in ("getuid", "geteuid"):
        monkeypatch.setattr(os, name, lambda: 0)
    with pytest.warns(SecurityWarning) as caught:
        check_privileges(["json"])  # what a worker does before it starts
    assert " ".join(str(caught[0].message).split()).startswith(
        "You're running the worker with superuser privileges: this is absolutely not recommended!"
    )
    for name in ("getuid", "geteuid"):
        monkeypatch.setattr(os, name, lambda: 10001)  # as `runAsUser` says
    check_privileges(["json"])
