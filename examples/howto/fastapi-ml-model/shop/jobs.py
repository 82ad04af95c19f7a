"""A file for each job: the letters that a customer wants to have sorted."""

import json
from pathlib import Path

from celery import uuid

from shop.config import get_settings


def path_of(job_id: str) -> Path:
    """Return the file of a job."""
    return get_settings().job_folder / f"{job_id}.json"


def create(texts: list[str]) -> str:
    """Keep the texts of a job, and return its id, which nobody can guess."""
    job_id = uuid()
    path = path_of(job_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(texts), encoding="utf-8")
    return job_id


def read(job_id: str) -> list[str]:
    """Return the texts of a job; raises FileNotFoundError if there is none."""
    return json.loads(path_of(job_id).read_text(encoding="utf-8"))
