"""Two tenants in one process."""

import pytest
from celery import Celery
from fastapi import FastAPI
from fastapi.testclient import TestClient

from conftest import work


@pytest.mark.parametrize("tenant", ["bakery", "florist"])
def test_each_tenant_sends_its_own_receipts(
    mall: dict[str, FastAPI], nobody: Celery, tenant: str
) -> None:
    client = TestClient(mall["mall"])
    answer = client.post(f"/{tenant}/orders", params={"email": "ada@example.com"})
    assert answer.status_code == 201
    task_id = answer.json()["task_id"]
    celery_app = mall[tenant].state.celery
    with work(celery_app, nobody):
        receipt = celery_app.AsyncResult(task_id).get(timeout=30, interval=0.01)
    assert receipt == f"{tenant}@example.org writes to ada@example.com"
    assert client.get(f"/{tenant}/receipts/1").status_code == 422
    for other in ("bakery", "florist"):  # with one result backend, a tenant reads all results
        assert client.get(f"/{other}/receipts/{task_id}").json() == {"state": "SUCCESS"}


def test_each_tenant_has_its_own_app_and_queue(mall: dict[str, FastAPI], nobody: Celery) -> None:
    bakery, florist = mall["bakery"].state.celery, mall["florist"].state.celery
    assert bakery is not florist
    assert bakery.conf.task_default_queue == "bakery"
    assert florist.conf.task_default_queue == "florist"
    assert nobody.conf.task_default_queue == "celery"
    assert mall["florist"].title == "The florist"
    client = TestClient(mall["mall"])
    assert client.get("/openapi.json").status_code == 404
    assert "/orders" in client.get("/florist/openapi.json").json()["paths"]
