"""What the shop does outside of a request."""

import logging
import os
import time
from functools import cache
from typing import TYPE_CHECKING, Any

from celery.signals import worker_process_init

from shop import jobs
from shop.celery_app import celery_app
from shop.config import get_settings

if TYPE_CHECKING:
    from shop.model import Model

logger = logging.getLogger(__name__)


@cache
def get_model() -> "Model":
    """Load the model, once in each process; raises OSError or ValueError."""
    from shop.model import Model  # so that the web server need not import numpy

    begin = time.perf_counter()
    model = Model.load(get_settings().model_file)
    took = time.perf_counter() - begin
    logger.info("model %s loaded in %.4f s, pid %d", model.version, took, os.getpid())
    return model


@worker_process_init.connect
def load_before_the_first_task(**_: object) -> None:
    """Load the model when a process starts, which is after the fork."""
    get_model()


@celery_app.task
def classify(job_id: str) -> dict[str, Any]:
    """Sort the letters of a job, all in one call of the model.

    Raises FileNotFoundError if there is no such job.
    """
    model = get_model()
    answers = [
        {"label": label, "probability": round(probability, 3)}
        for label, probability in model.classify(jobs.read(job_id))
    ]
    return {"model": model.version, "answers": answers}
