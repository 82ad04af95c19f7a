"""The model, alone and in the shop."""

import os
import re
from dataclasses import FrozenInstanceError
from pathlib import Path
from types import ModuleType
from unittest.mock import patch
from uuid import uuid4

import numpy as np
import pytest
from celery.signals import worker_process_init
from fastapi import status
from fastapi.testclient import TestClient
from shop import jobs, main, tasks
from shop.celery_app import celery_app
from shop.config import Settings
from shop.model import Model
from shop.tasks import classify
from shop.train import train

TABLE = Path(__file__).parents[1] / "messages.csv"
SMALL = "label,text\norder,two cakes\norder,tea\nquestion,when when\n"


@pytest.fixture
def version() -> str:
    """Train the model of the shop."""
    return train(TABLE)


def test_letters_are_sorted(client: TestClient, version: str) -> None:
    texts = ["The parcel is late and broken", "Two cakes please", "Do you ship to Spain?"]
    answer = client.post("/letters", json={"texts": texts})
    assert answer.status_code == status.HTTP_202_ACCEPTED
    job_id = answer.json()["id"]
    assert answer.json() == {"id": job_id, "state": "PENDING"}
    assert answer.headers["Location"] == f"/letters/{job_id}"
    celery_app.AsyncResult(job_id).get(timeout=5, interval=0.01)
    state = client.get(f"/letters/{job_id}").json()
    assert state["state"] == "SUCCESS"
    assert state["result"]["model"] == version
    answers = state["result"]["answers"]
    assert [answer["label"] for answer in answers] == ["complaint", "order", "question"]
    assert [answer["probability"] for answer in answers[:2]] == [0.996, 0.957]
    assert jobs.read(job_id) == texts


def test_an_unknown_job_is_404(client: TestClient) -> None:
    answer = client.get(f"/letters/{uuid4()}")
    assert answer.status_code == status.HTTP_404_NOT_FOUND
    assert answer.json() == {"detail": "no such job"}


@pytest.mark.parametrize("texts", [[], ["x" * 2001], 101 * ["x"]])
def test_a_batch_has_limits(client: TestClient, texts: list[str]) -> None:
    assert client.post("/letters", json={"texts": texts}).status_code == 422


def test_the_largest_batch(client: TestClient, version: str) -> None:
    job_id = client.post("/letters", json={"texts": 100 * ["tea " * 500]}).json()["id"]
    result = celery_app.AsyncResult(job_id).get(timeout=5, interval=0.01)
    assert (result["model"], len(result["answers"])) == (version, 100)


def test_no_model_is_no_server_error(client: TestClient) -> None:
    job_id = client.post("/letters", json={"texts": ["x"]}).json()["id"]
    celery_app.AsyncResult(job_id).get(timeout=5, interval=0.01, propagate=False)
    assert client.get(f"/letters/{job_id}").json() == {"id": job_id, "state": "FAILURE"}


def test_the_numbers() -> None:
    model = Model.train(SMALL)
    assert list(model.labels) == ["order", "question"]
    assert list(model.words) == ["cakes", "tea", "two", "when"]
    assert np.exp(model.log_priors) == pytest.approx([2 / 3, 1 / 3])
    assert np.exp(model.log_likelihoods[0]) == pytest.approx([2 / 7, 2 / 7, 2 / 7, 1 / 7])
    assert np.exp(model.log_likelihoods[1]) == pytest.approx([1 / 6, 1 / 6, 1 / 6, 3 / 6])
    (label, probability), (other, prior) = model.classify(["Tea?", "unknown"])
    assert (label, other) == ("order", "order")
    assert probability == pytest.approx((2 / 3 * 2 / 7) / (2 / 3 * 2 / 7 + 1 / 3 * 1 / 6))
    assert prior == pytest.approx(2 / 3)
    ((_, twice),) = model.classify(["tea tea"])
    assert twice == pytest.approx((2 / 3 * 4 / 49) / (2 / 3 * 4 / 49 + 1 / 3 * 1 / 36))
    assert model.classify(["tea " * 1000]) == [("order", pytest.approx(1))]


def test_the_file_holds_the_model(tmp_path: Path) -> None:
    model = Model.train(SMALL)
    model.save(tmp_path / "model.npz")
    loaded = Model.load(tmp_path / "model.npz")
    assert loaded.version == model.version
    assert re.fullmatch("[0-9a-f]{12}", loaded.version)
    assert loaded.classify(["two cakes"]) == model.classify(["two cakes"])
    assert Model.train(SMALL + "order,more\n").version != model.version


def test_training_leaves_one_file(settings: Settings, version: str) -> None:
    assert [path.name for path in settings.model_file.parent.iterdir()] == ["model.npz"]
    assert Model.load(settings.model_file).version == version


def test_a_worker_never_reads_half_a_model(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("label,text\norder,caf\u00e9\n", encoding="utf-8")
    with patch.object(Model, "save", autospec=True, side_effect=Model.save) as save:
        train(tmp_path / "table.csv")
    assert save.call_args.args[1] == settings.model_file.with_name("model.partial.npz")


def test_a_model_does_not_change() -> None:
    model = Model.train(SMALL)
    with pytest.raises(FrozenInstanceError):
        model.version = "new"


def test_a_file_that_needs_pickle_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "model.npz", version=np.array([{}], dtype=object))
    with pytest.raises(
        ValueError, match=r"^Object arrays cannot be loaded when allow_pickle=False$"
    ):
        Model.load(tmp_path / "model.npz")


def test_a_process_loads_the_model_once(version: str) -> None:
    with patch("shop.tasks.logger.info") as info:
        worker_process_init.send(None)
        info.assert_called_once()
        job_id = jobs.create(["tea"])
        assert classify(job_id)["model"] == version
        assert len(classify(job_id)["answers"]) == 1
    ((line, *values),) = [call.args for call in info.call_args_list]
    pattern = rf"model {version} loaded in \d\.\d{{4}} s, pid {os.getpid()}"
    assert re.fullmatch(pattern, line % tuple(values))


@pytest.mark.parametrize("module", [main, tasks, jobs])
def test_the_web_server_does_without_the_model(module: ModuleType) -> None:
    origins = {getattr(value, "__module__", "") for value in vars(module).values()}
    modules = {value for value in vars(module).values() if isinstance(value, ModuleType)}
    assert "shop.model" not in origins
    assert np not in modules


def test_the_settings() -> None:
    conf = celery_app.conf
    assert conf.task_routes == {classify.name: {"queue": "models"}}
    assert (conf.worker_pool_start_method, conf.worker_proc_alive_timeout) == ("fork", 120)
    assert (conf.worker_prefetch_multiplier, conf.task_time_limit) == (1, 60)
