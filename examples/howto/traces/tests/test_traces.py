"""One trace, from the request to the last task."""

from collections.abc import Callable
from importlib import reload
from types import ModuleType

import collector
import pytest
from celery import Celery
from celery.signals import worker_process_init, worker_process_shutdown
from django.test import Client
from fastapi.testclient import TestClient
from opentelemetry import trace
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from shop import django_wsgi, fastapi_app, flask_app, tracing
from shop.tasks import mail_report


def flask() -> int:
    return flask_app.create_app().test_client().post("/reports/2026").status_code


def django() -> int:
    assert django_wsgi.application
    return Client().post("/reports/2026").status_code


def fastapi() -> int:
    with TestClient(fastapi_app.app) as client:
        return client.post("/reports/2026").status_code


@pytest.mark.parametrize("post", [flask, django, fastapi])
def test_one_trace(
    post: Callable[[], int], worker: None, span_named: Callable[[str], Span], celery_app: Celery
) -> None:
    assert post() == 202
    mailed = span_named("run/shop.tasks.mail_report")
    span_named("run/shop.tasks.make_report")

    assert len({span.trace_id for span in collector.spans}) == 1
    by_id = {span.span_id: span for span in collector.spans}
    above = [mailed.name]
    while mailed.parent_span_id:
        mailed = by_id[mailed.parent_span_id]
        above.append(mailed.name)
    assert mailed.kind == Span.SPAN_KIND_SERVER
    above = [name for name in above if name.startswith(("run", "apply"))]
    if celery_app.conf.task_always_eager:  # no message, so no span of its sending
        assert above == ["run/shop.tasks.mail_report", "run/shop.tasks.make_report"]
    else:
        assert above == [
            "run/shop.tasks.mail_report",
            "apply_async/shop.tasks.mail_report",
            "run/shop.tasks.make_report",
            "apply_async/shop.tasks.make_report",
            "run/shop.tasks.make_report",
            "apply_async/shop.tasks.make_report",
        ]


def test_a_span_of_your_own(worker: None, span_named: Callable[[str], Span]) -> None:
    flask()
    inside, around = span_named("add up"), span_named("run/shop.tasks.make_report")
    assert inside.trace_id == around.trace_id
    assert inside.parent_span_id == around.span_id


def test_a_failure(worker: None, span_named: Callable[[str], Span]) -> None:
    mail_report.delay(2026, 0)
    failed = span_named("run/shop.tasks.mail_report")
    assert failed.status.code == Status.STATUS_CODE_ERROR
    assert failed.status.message == "no orders in 2026"
    assert [event.name for event in failed.events] == ["exception"]


def test_a_process_is_set_up_once(caplog: pytest.LogCaptureFixture) -> None:
    before = trace.get_tracer_provider()
    tracing.configure()
    assert trace.get_tracer_provider() is before
    assert caplog.messages == []  # neither a second provider nor a second instrumentation


def test_the_pool_asks_for_it() -> None:
    assert tracing.configure in [found for found, _ in worker_process_init.send(sender=None)]
    with trace.get_tracer("test").start_as_current_span("late"):
        pass
    assert "late" not in [span.name for span in collector.spans]
    assert tracing.flush in [found for found, _ in worker_process_shutdown.send(sender=None)]
    assert "late" in [span.name for span in collector.spans]


def test_the_last_spans_of_the_web_server() -> None:
    with TestClient(fastapi_app.app) as client:
        client.get("/docs")
        assert collector.spans == []
    assert "GET /docs" in [span.name for span in collector.spans]


@pytest.mark.parametrize("module", [flask_app, django_wsgi, fastapi_app])
def test_a_web_server_sets_up_its_process(
    module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[bool] = []
    monkeypatch.setattr(tracing, "configure", lambda: called.append(True))
    reload(module)
    if module is flask_app:
        flask_app.create_app()
    assert called == [True]
