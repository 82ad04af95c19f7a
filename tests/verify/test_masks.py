"""What may differ between a page and the truth, and what may not."""

from __future__ import annotations

import pytest

from verify.masks import Mismatch, Stand, compare

ID = "92275814-b856-4f88-80ff-cf40a8220fa2"
OTHER = "14bdf36d-ccca-42ab-8bb1-dddca25b5302"
REAL = "00000000-0000-4000-8000-000000000001"


@pytest.mark.parametrize(
    ("shown", "actual"),
    [
        ("a\nb", "a\nb\n\n"),
        ("a\n...", "a\nb\nc"),
        ("...\nc", "a\nb\nc"),
        ("a\n...\nc", "a\nc"),
        ("...\nb\n...", "a\nb\nc"),
        (
            "[2026-11-21 06:14:12,683: INFO/MainProcess] x",
            "[2027-01-01 00:00:00,001: INFO/MainProcess] x",
        ),
        ("[.../ForkPoolWorker-1] in 3.001488570999982s: 1", "[.../ForkPoolWorker-8] in 0.5s: 1"),
        ("succeeded in 0.0134s: 'sent'", "succeeded in 8.504900051775621e-05s: 'sent'"),
        ("no queue 'a' in vhost '/'", "no queue 'a' in vhost 'celery_web_12_0'"),
        ("amqp://127.0.0.1:5672//", "amqp://127.0.0.1:5672/celery_web_12_0"),
        ("celery@laptop ready.", "celery@vm-1.example ready."),
        ("http://127.0.0.1:5000/x", "http://127.0.0.1:5000/x"),
        ("E: no 'a'", "E: no 'a'. Did you mean: 'b'?"),
        ("[2026-11-21 09:24:26 +0000] [10] [INFO] x", "[2026-11-22 09:24:26 +0100] [9] [INFO] x"),
        ("    assert x\nAssertionError", "    assert x\n           ^\nAssertionError"),
    ],
)
def test_equal(shown: str, actual: str) -> None:
    compare(shown, actual, Stand())


@pytest.mark.parametrize(
    ("shown", "actual"),
    [
        ("a", "b"),
        ("a", "a\nb"),
        ("[10] x", "[9] x"),
        ("a. Did you mean b?", "a"),
        ("a\nb", "a"),
        ("a\n...\nd", "a\nb\nc"),
        ("b\n...", "a\nb"),
        ("19.90 EUR", "19.91 EUR"),
        ("it costs 2e-05", "it costs 3e-05"),
        ("vhost '/'", "vhost 'shop'"),
        ('{"state": "SUCCESS"}', '{"state": "FAILURE"}'),
        (f"{ID} {ID}", f"{REAL} {OTHER}"),
    ],
)
def test_different(shown: str, actual: str) -> None:
    with pytest.raises(Mismatch):
        compare(shown, actual, Stand())


def test_an_id_of_the_page_stands_for_the_real_one() -> None:
    stand = Stand()
    compare(f"/tasks/{ID}", f"/tasks/{REAL}", stand)
    assert stand.command(f"curl http://x/tasks/{ID}") == f"curl http://x/tasks/{REAL}"
    compare(ID, REAL, stand)
    with pytest.raises(Mismatch):
        compare(ID, OTHER, stand)


def test_the_port_of_the_page_stands_for_the_real_one() -> None:
    stand = Stand(port=41234)
    assert stand.command("curl http://127.0.0.1:5000/") == "curl http://127.0.0.1:41234/"
    compare("on http://127.0.0.1:5000", "on http://127.0.0.1:41234", stand)


def test_the_message_shows_both_sides() -> None:
    with pytest.raises(Mismatch, match="the page shows:\n    a\nwhat came out:\n    b"):
        compare("a", "b", Stand())


def test_an_excerpt_may_stand_anywhere() -> None:
    compare("b", "a\nb\nc", Stand(), excerpt=True)
    with pytest.raises(Mismatch):
        compare("d", "a\nb\nc", Stand(), excerpt=True)


@pytest.mark.parametrize(
    ("command", "expected", "shown"),
    [
        ("curl http://127.0.0.1:5000/a", "curl http://127.0.0.1:4321/a", "5000"),
        ("curl http://localhost:8000/a", "curl http://localhost:4321/a", "8000"),
        ("uvicorn a:b --port 8000", "uvicorn a:b --port 4321", "8000"),
        ("python manage.py runserver", "python manage.py runserver 127.0.0.1:4321", "8000"),
        (
            "python manage.py runserver --noreload",
            "python manage.py runserver --noreload 127.0.0.1:4321",
            "8000",
        ),
        ("redis-cli -p 6379", "redis-cli -p 6379", "5000"),
    ],
)
def test_a_free_port_in_the_place_of_the_pages(command: str, expected: str, shown: str) -> None:
    stand = Stand(port=4321)
    assert stand.command(command) == expected
    assert stand.output("http://127.0.0.1:4321/") == f"http://127.0.0.1:{shown}/"
